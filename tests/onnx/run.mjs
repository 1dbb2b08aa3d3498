#!/usr/bin/env node
// run.mjs FOLDER MODULES: runs each NAME.onnx of FOLDER on NAME.x.npy by ONNX Runtime (MODULES/onnxruntime-node) and
// compares each output OUT with NAME.OUT.npy: at most 1e-5 of the largest number apart.
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [folder, modules] = process.argv.slice(2);
const ort = createRequire(join(resolve(modules), 'index.js'))('onnxruntime-node');

function readNpy(file) {
  const bytes = readFileSync(file);
  const start = 10 + bytes.readUInt16LE(8);
  const shape = /'shape': \(([^)]*)\)/.exec(bytes.toString('latin1', 10, start))[1];
  const data = new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
  return new ort.Tensor('float32', data, shape.split(',').filter((s) => s.trim()).map(Number));
}

const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'));
let failed = files.length === 0;
for (const file of files) {
  const name = file.slice(0, -5);
  const session = await ort.InferenceSession.create(join(folder, file));
  const results = await session.run({ [session.inputNames[0]]: readNpy(join(folder, `${name}.x.npy`)) });
  for (const output of session.outputNames) {
    const [found, expected] = [results[output], readNpy(join(folder, `${name}.${output}.npy`))];
    const largest = expected.data.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    const off = expected.data.reduce((most, v, i) => Math.max(most, Math.abs(v - found.data[i])), 0) / largest;
    const good = off < 1e-5 && found.dims.join() === expected.dims.join();
    console.log(`${name} ${output} [${found.dims}]: off by ${off.toExponential(1)} of the largest${good ? '' : ' FAILED'}`);
    failed = failed || !good;
  }
}
process.exit(failed ? 1 : 0);
