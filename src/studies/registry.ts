/** The studies, a line each. A study's name is that of its export. */

export { echoStateHessianFree } from "./echoStateHessianFree/study.js";
export { figure1 } from "./figure1/study.js";
export { figure2 } from "./figure2/study.js";
export { figure3 } from "./figure3/study.js";
export { figure5 } from "./figure5/study.js";
export { table1 } from "./table1/study.js";
export { table2 } from "./table2/study.js";
export { table3 } from "./table3/study.js";
export { table5 } from "./table5/study.js";
export { theorem } from "./theorem/study.js";
