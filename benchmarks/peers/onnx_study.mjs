#!/usr/bin/env node
// Times ONNX Runtime on a network that torch_study.py exported. One line of JSON.
//   onnx_study.mjs MODEL.onnx FOLDER [batch 64] [threads 2] [iterations 12]
// FOLDER has node_modules/onnxruntime-node (npm install --prefix FOLDER onnxruntime-node). A call goes through Node: some
// 20 microseconds of a single frame's time are its own.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [model, folder, batch = '64', threads = '2', iterations = '12'] = process.argv.slice(2);

function fail(why) {
  console.error(why);
  process.exit(1);
}

function load() {
  try {
    return createRequire(join(resolve(folder), 'index.js'))('onnxruntime-node');
  } catch {
    return fail('not installed');
  }
}

const ort = load();
const session = await ort.InferenceSession.create(model, {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
}).catch((error) => fail(error.message));
const images = Float32Array.from({ length: Number(batch) * 50 * 50 }, Math.random);
const feeds = { x: new ort.Tensor('float32', images, [Number(batch), 1, 50, 50]) };
const steps = Number(iterations);
for (let i = 0; i < Math.max(5, steps / 10); ++i) await session.run(feeds);
const ms = [];
for (let i = 0; i < steps; ++i) {
  const start = performance.now();
  await session.run(feeds);
  ms.push(performance.now() - start);
}
console.log(JSON.stringify({
  peer: `ONNX Runtime ${ort.env.versions.common}`,
  ms,
  peak_MiB: process.resourceUsage().maxRSS / 1024,
}));
