"""One NAG update in native PyTorch: reads the same job as measure.mjs, prints the same JSON line."""

import json
import statistics
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

WARM_UP = 5

job = json.loads(sys.argv[1])
network = job["network"]
cases = network["cases"]
torch.set_num_threads(job["threads"])

values = torch.from_numpy(numpy.fromfile(job["start"], dtype=numpy.float32))
offset = 0


def take(*shape):
    """The next values of the start file, in this shape."""
    global offset
    count = int(numpy.prod(shape))
    offset += count
    return values[offset - count : offset].view(*shape).clone()


def feed_forward():
    """The parameters, and a function that gives the loss: sum over outputs, mean over cases."""
    sizes = network["sizes"]
    modules = []
    for layer, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        linear = nn.Linear(inputs, outputs)
        with torch.no_grad():
            # PyTorch keeps weights as outputs x inputs.
            linear.weight.copy_(take(inputs, outputs).t())
            linear.bias.copy_(take(outputs))
        modules.append(linear)
        if layer + 2 < len(sizes) and layer + 1 != network["code"]:
            modules.append(nn.Sigmoid())
    data = take(cases, sizes[0])
    model = nn.Sequential(*modules)

    def loss():
        outputs = model(data)
        if network["loss"] == "squared":
            return 0.5 * functional.mse_loss(outputs, data, reduction="sum") / cases
        return functional.binary_cross_entropy_with_logits(outputs, data, reduction="sum") / cases

    return list(model.parameters()), loss


def recurrent():
    """The same with the fused nn.RNN and a linear readout of the scored steps; the sum runs over these too."""
    inputs, hidden, outputs, scored = (network[name] for name in ("inputs", "hidden", "outputs", "scored"))
    rnn = nn.RNN(inputs, hidden, nonlinearity="tanh")
    readout = nn.Linear(hidden, outputs)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(take(inputs, hidden).t())
        rnn.weight_hh_l0.copy_(take(hidden, hidden).t())
        rnn.bias_ih_l0.copy_(take(hidden))
        rnn.bias_hh_l0.zero_()
        readout.weight.copy_(take(hidden, outputs).t())
        readout.bias.copy_(take(outputs))
    # nn.RNN has two biases a unit; training both would train their sum at twice the rate.
    rnn.bias_hh_l0.requires_grad_(False)
    data = take(network["steps"], cases, inputs)
    targets = take(scored * cases, outputs)
    classes = targets.argmax(dim=1)

    def loss():
        states, _ = rnn(data)
        sums = readout(states[-scored:].reshape(scored * cases, hidden))
        if network["loss"] == "squared":
            return 0.5 * functional.mse_loss(sums, targets, reduction="sum") / cases
        return functional.cross_entropy(sums, classes, reduction="sum") / cases

    trained = [p for module in (rnn, readout) for p in module.parameters() if p.requires_grad]
    return trained, loss


parameters, loss_of = recurrent() if network["kind"] == "recurrent" else feed_forward()
optimizer = torch.optim.SGD(parameters, lr=job["learningRate"], momentum=job["momentum"], nesterov=True)


def blas():
    """The BLAS behind torch: with the reference one (no libopenblas0) products run some twenty times slower."""
    if torch.backends.mkl.is_available():
        return "MKL"
    with open("/proc/self/maps") as maps:
        return "OpenBLAS" if "openblas" in maps.read() else "no OpenBLAS found: apt-get install libopenblas0"


def update():
    optimizer.zero_grad(set_to_none=True)
    loss = loss_of()
    loss.backward()
    optimizer.step()
    return loss.item()


losses = [update() for _ in range(WARM_UP)]
times = []
until = time.perf_counter() + job["seconds"]
while len(times) < job["minimum"] or time.perf_counter() < until:
    start = time.perf_counter()
    update()
    times.append((time.perf_counter() - start) * 1000)
engine = f"torch {torch.__version__}, {blas()}"
print(json.dumps({"engine": engine, "median": statistics.median(times), "repetitions": len(times), "losses": losses}))
