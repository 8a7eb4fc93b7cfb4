/**
 * Everything that runs in Node and in browsers alike: `import { ... } from "heavyball"`.
 *
 * @module heavyball
 */

export { createRuntime, type Runtime } from "./createRuntime.js";
export * from "./errors.js";
export type { CsvOptions, CsvTable } from "./formats/csv.js";
export { readCsv } from "./formats/csv.js";
export type { IdxArray } from "./formats/idx.js";
export { readIdx } from "./formats/idx.js";
export type { MatArray, MatOptions } from "./formats/mat.js";
export { readMat } from "./formats/mat.js";
export type { NpyArray } from "./formats/npy.js";
export { readNpy, writeNpy } from "./formats/npy.js";
export { dense, echoState, sparse } from "./initialize/index.js";
export type {
  DenseInitialization,
  DenseOptions,
  EchoStateInitialization,
  EchoStateOptions,
  Initialization,
  SparseInitialization,
  SparseOptions,
} from "./initialize/types.js";
export type { Batch } from "./networks/batch.js";
export type {
  Activation,
  AutoencoderOptions,
  FeedForwardDescription,
  FeedForwardOptions,
  Loss,
  NetworkDescription,
  RecurrentDescription,
  RecurrentOptions,
} from "./networks/describe.js";
export { autoencoder, feedForward, recurrent } from "./networks/describe.js";
export type { Evaluation } from "./networks/evaluation.js";
export type { FeedForwardNetwork } from "./networks/feedForward/feedForwardNetwork.js";
export type { MemoryEstimate, MemoryUse } from "./networks/memoryEstimate.js";
export type { LoadModelOptions, NetworkMaker } from "./networks/model.js";
export { loadModel, saveModel } from "./networks/model.js";
export type { TensorSource } from "./networks/modelTensors.js";
export type { Network } from "./networks/network.js";
export type { NetworkLike } from "./networks/networkLike.js";
export type { NetworkParameters } from "./networks/networkParameters.js";
export { saveOnnx } from "./networks/onnxModel.js";
export type { ParameterTensor } from "./networks/parameterLayout.js";
export type { RecurrentNetwork } from "./networks/recurrent/recurrentNetwork.js";
export type { Objective } from "./objectives/objective.js";
export type { Quadratic, QuadraticOptions } from "./objectives/quadratic.js";
export { quadratic } from "./objectives/quadratic.js";
export type { AdamDescription, AdamOptions } from "./optimizers/adam/adamDescription.js";
export { adam } from "./optimizers/adam/adamDescription.js";
export type { AdamOptimizer, AdamState } from "./optimizers/adam/adamOptimizer.js";
export type {
  ConjugateGradientIterate,
  ConjugateGradientResult,
  LinearProduct,
} from "./optimizers/conjugateGradient/conjugateGradient.js";
export { conjugateGradient } from "./optimizers/conjugateGradient/conjugateGradient.js";
export type {
  ConjugateGradientOptions,
  ConjugateGradientStep,
  Preconditioner,
} from "./optimizers/conjugateGradient/conjugateGradientOptions.js";
export type { ConjugateGradientReason } from "./optimizers/conjugateGradient/conjugateGradientReason.js";
export type { HessianFreeStepOptions } from "./optimizers/hessianFree/hessianFreeBatches.js";
export type {
  CaseCount,
  DampingOptions,
  HessianFreeDescription,
  HessianFreeOptions,
  HessianFreeSolverOptions,
} from "./optimizers/hessianFree/hessianFreeDescription.js";
export { hessianFree } from "./optimizers/hessianFree/hessianFreeDescription.js";
export type {
  HessianFreeOptimizer,
  HessianFreeState,
  HessianFreeStepResult,
} from "./optimizers/hessianFree/hessianFreeOptimizer.js";
export type { HessianFreeProgress, HessianFreeReport } from "./optimizers/hessianFree/hessianFreeUpdate.js";
export type { MethodName, MinibatchDescription, OptimizerDescription, OptimizerFor, OptimizerState } from "./optimizers/index.js";
export type { MinimizeOptions, MinimizeReason, MinimizeResult, MinimizeUpdate } from "./optimizers/minimize.js";
export { minimize } from "./optimizers/minimize.js";
export type {
  ClassicalMomentumDescription,
  MomentumDescription,
  MomentumOptions,
  NesterovDescription,
  SgdDescription,
  SgdOptions,
} from "./optimizers/momentum/momentumDescriptions.js";
export { classicalMomentum, nesterov, sgd } from "./optimizers/momentum/momentumDescriptions.js";
export type { MomentumOptimizer, MomentumState } from "./optimizers/momentum/momentumOptimizer.js";
export type { Nesterov1983Description, Nesterov1983Options } from "./optimizers/nesterov1983/nesterov1983Description.js";
export { nesterov1983 } from "./optimizers/nesterov1983/nesterov1983Description.js";
export type { MethodDescription, Optimizer, OptimizerOptions, SavedState, StepResult } from "./optimizers/optimizer.js";
export type { Page, PageLink, Section } from "./report/page/page.js";
export { htmlPage } from "./report/page/page.js";
export type { ColorScale, PictureRow, PictureTable } from "./report/plot/images.js";
export type { LogPlot, Series } from "./report/plot/logPlot.js";
export type { PlaneArrow, PlanePath, PlanePlot, PlanePoint } from "./report/plot/planePlot.js";
export type { Table, TableColumn } from "./report/text/table.js";
export type { KernelChoice, KernelVariant } from "./runtime/kernels.js";
export type { RuntimeOptions } from "./runtime/loadEngine.js";
export type { LibraryFacts, MachineFacts } from "./runtime/machineFacts.js";
export type { WasmSource } from "./runtime/module.js";
export type { HelperWorker, HostFacts, WorkerSource } from "./runtime/platform.js";
export type { WasmModule } from "./runtime/wasmTypes.js";
export type { ConstantOptions, InverseOptions, PiecewiseOptions, SutskeverOptions, WithFinal } from "./schedules/builders.js";
export { schedules, scheduleValueOf as scheduleValue } from "./schedules/index.js";
export type * from "./schedules/types.js";
export type { Figure1Result, Figure1Step } from "./studies/figure1/figure1.js";
export type { Figure1Spec } from "./studies/figure1/spec.js";
export type { Figure2Contestant, Figure2Result, Figure2Way, Figure2Ways } from "./studies/figure2/figure2.js";
export type { Figure2Spec } from "./studies/figure2/spec.js";
export type { Figure3Picture, Figure3PictureName, Figure3Pictures, Figure3Result } from "./studies/figure3/figure3.js";
export type { StatesNumbers } from "./studies/figure3/measures.js";
export type { Figure3Spec } from "./studies/figure3/spec.js";
export type { Figure5Progress, Figure5Result } from "./studies/figure5/figure5.js";
export type { SolverComparison, SolverProgress } from "./studies/figure5/solverComparison.js";
export type { Figure5Spec } from "./studies/figure5/spec.js";
export type {
  Computation,
  Rendering,
  Studies,
  Study,
  StudyFacts,
  StudyName,
  StudyOption,
  StudyOptions,
  StudyOptionsOf,
  StudyProgress,
  StudyResultOf,
  SweepStudy,
  SweepStudyResult,
} from "./studies/index.js";
export { studies } from "./studies/index.js";
export type { StoredStudy } from "./studies/readStudy.js";
export { readStudy } from "./studies/readStudy.js";
export { renderStudy, renderStudyTogether } from "./studies/renderStudy.js";
export type { StudyOutcome } from "./studies/runStudy.js";
export { runStudy } from "./studies/runStudy.js";
export type { RunStudyOptions } from "./studies/runStudyOptions.js";
export type { SweptStudy } from "./studies/runSweepStudy.js";
export type { Statement } from "./studies/statement.js";
export type { Ordering } from "./studies/tables/ordering.js";
export type { TableCandidate, TableCell, TableTrial } from "./studies/tables/tableCell.js";
export type { TableSpec } from "./studies/tables/tableDefinition.js";
export type { TableResult } from "./studies/tables/tableResult.js";
export type { NesterovBound } from "./studies/theorem/bound.js";
export type { EffectiveCoordinate, EffectiveMomentum } from "./studies/theorem/effectiveMomentum.js";
export type { MomentumEquivalence } from "./studies/theorem/equivalence.js";
export type { RotatedTrajectories } from "./studies/theorem/rotation.js";
export type { TheoremSpec } from "./studies/theorem/spec.js";
export type { SpeedUp, SpeedUpContestant } from "./studies/theorem/speedUp.js";
export type { TheoremResult } from "./studies/theorem/theorem.js";
export type { Deviation } from "./studies/theorem/trajectory.js";
export * from "./sweeps/index.js";
export type { AdditionDescription, AdditionOptions } from "./tasks/addition/addition.js";
export { addition } from "./tasks/addition/addition.js";
export type { CurvesOptions } from "./tasks/curves/curves.js";
export { curves } from "./tasks/curves/curves.js";
export type { DataFiles } from "./tasks/dataFiles.js";
export type { DataSet, LabeledDataSet } from "./tasks/dataSet.js";
export type { Faces, FacesOptions } from "./tasks/faces/faces.js";
export { faces } from "./tasks/faces/faces.js";
export type { Measures, TaskName, TaskSpec } from "./tasks/index.js";
export type { MemoryDescription, MemoryName, MemoryOptions } from "./tasks/memory/memory.js";
export { memory5, memory20 } from "./tasks/memory/memory.js";
export type { MinibatchOptions } from "./tasks/minibatches.js";
export { minibatches } from "./tasks/minibatches.js";
export { mnist } from "./tasks/mnist/mnist.js";
export type { MultiplicationDescription, MultiplicationOptions } from "./tasks/multiplication/multiplication.js";
export { multiplication } from "./tasks/multiplication/multiplication.js";
export type { SequencesDescription, SequenceTask } from "./tasks/sequences/sequenceTask.js";
export type { Measure, Measured, PreparedTask, Source, TaskNetwork } from "./tasks/task.js";
export type { TrainingData, TrainingOptions, TrainingReason, TrainingReport, TrainingResult } from "./training/index.js";
export { train } from "./training/index.js";
export type {
  AwayNetwork,
  AwayRuntime,
  AwayTrialOptions,
  AwayTrials,
  EndedAwayTrial,
  StartedAwayTrial,
} from "./trials/away/awayTypes.js";
export type { InWorkerOptions } from "./trials/away/inWorkerOptions.js";
export { takeUpCheckpoint } from "./trials/carriedRun.js";
export { changeRun } from "./trials/changedRun.js";
export type { TrialDefaults } from "./trials/defaults.js";
export { trialDefaults } from "./trials/defaults.js";
export type { Demonstrated } from "./trials/demonstration.js";
export { demonstration } from "./trials/demonstration.js";
export type { EventFileOptions } from "./trials/eventFile.js";
export { tensorBoardEvents } from "./trials/eventFile.js";
export { memoryStore } from "./trials/memoryStore.js";
export type { TrialPageOptions } from "./trials/page/trialPage.js";
export { trialPage } from "./trials/page/trialPage.js";
export type { TrialProgress } from "./trials/progress.js";
export type { Entrant, RaceOptions, StartedEntrant } from "./trials/raceTrials.js";
export { raceTrials } from "./trials/raceTrials.js";
export type { Baseline, TrialEnd, TrialRecord } from "./trials/record.js";
export type { HessianFreeFacts, Report } from "./trials/report.js";
export type { RunSoFar } from "./trials/runSoFar.js";
export { runOfCheckpoint, runSoFar } from "./trials/runSoFar.js";
export { runTrial, streamTrial } from "./trials/runTrial.js";
export type { EndedTrial, RunTrialOptions, StartedTrial } from "./trials/runTrialOptions.js";
export type { HessianFreeTrialSpec, MinibatchTrialSpec, TrialSpec } from "./trials/spec.js";
export { checkTrialSpec } from "./trials/spec.js";
export type { OpenStore, Store, StoreTrouble } from "./trials/store.js";
export { StoreError } from "./trials/store.js";
export { storedSpec } from "./trials/storedRun.js";
export type { TrialChange, TrialEvent } from "./trials/trialEvent.js";
