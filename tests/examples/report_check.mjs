#!/usr/bin/env node
// Opens a sample report in Chromium and does what a reader does: report_check.mjs SAMPLE_REPORT [FOLDER]
// SAMPLE_REPORT is the program that writes one; FOLDER has node_modules/playwright-core (npm install --prefix FOLDER
// playwright-core). Ends with 77, which CTest calls skipped, where that or the program chromium is missing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(77);
}

function loadPlaywright(folder) {
  try {
    return createRequire(join(resolve(folder), 'index.js'))('playwright-core');
  } catch {
    return skip(`no playwright-core in ${resolve(folder)}/node_modules`);
  }
}

function findBrowser() {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    for (const folder of process.env.PATH.split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // the next one
      }
    }
  }
  return skip('no chromium');
}

/// Runs check(page) on the report; whatever the page complains of or asks the network for is an error.
async function visit(browser, file, check) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url().slice(0, 100)}`));
  page.on('request', (request) => request.url().startsWith('http') && complaints.push(`asked for ${request.url()}`));
  await page.goto(pathToFileURL(file).href);
  await check(page);
  assert.deepEqual(complaints, []);
  await page.close();
}

/// Waits until the map looks otherwise than `before`.
async function otherThan(page, before) {
  for (let i = 0; i < 50; ++i) {
    const now = await page.locator('#map-canvas').screenshot();
    if (!now.equals(before)) {
      return now;
    }
    await page.waitForTimeout(100);
  }
  return assert.fail('the map stays as it was');
}

/// Waits until the map stands still and shows something.
async function settled(page) {
  let before = await page.locator('#map-canvas').screenshot();
  for (let i = 0; i < 50; ++i) {
    await page.waitForTimeout(200);
    const now = await page.locator('#map-canvas').screenshot();
    if (now.equals(before) && now.length > 10000) {
      return now;
    }
    before = now;
  }
  return assert.fail('the map does not come to rest, or is empty');
}

async function checkMap(page) {
  const frame = () => page.locator('#map-image-0').getAttribute('data-frame');
  const pixels = () => page.locator('#map-image-1').evaluate((canvas) => canvas.toDataURL());
  let map = await settled(page);

  // Pointing at points of the ring shows their frames.
  await page.waitForFunction(() => document.querySelector('#map-image-1').dataset.frame === '0');
  const first = await pixels();
  const { x, y, width, height } = await page.locator('#map-canvas').boundingBox();
  for (let share = 0.04; share < 0.3 && (await frame()) === '0'; share += 0.005) {
    await page.mouse.move(x + share * width, y + height / 2);
    await page.waitForTimeout(60);
  }
  assert.notEqual(await frame(), '0', 'pointing at the ring shows no frame');
  assert.notEqual(await pixels(), first, 'another frame looks the same');
  assert.match(await page.locator('#map-values').textContent(), /head direction\d/);
  await page.mouse.move(0, 0);
  map = await settled(page);

  // An earlier step moves the points, another label colours them otherwise, another code places them elsewhere.
  assert.equal(await page.locator('#map-when').textContent(), 'epoch 25');
  await page.locator('#map-step').fill('0');
  assert.equal(await page.locator('#map-when').textContent(), 'epoch 0');
  map = await otherThan(page, map);
  await page.locator('#map-label').selectOption('at a port');
  await otherThan(page, map);
  assert.match(await page.locator('#map-key').textContent(), /elsewhere<b>port<\/b>/);
  map = await settled(page);
  await page.locator('#map-code').selectOption('PCA, 16-D');
  await otherThan(page, map);
  assert.equal(await page.locator('#map-training').isVisible(), false, 'a single step needs no slider');

  // The keyboard does as well.
  map = await settled(page);
  await page.locator('#map-canvas').focus();
  await page.keyboard.press('+');
  map = await otherThan(page, map);
  await page.locator('#map-frame').fill('1');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#map-image-0').dataset.frame === '1');
  assert.match(await page.locator('#map-values').textContent(), /head directionnot known/);

  // It plays from the beginning to the end.
  await page.locator('#map-code').selectOption('autoencoder');
  await page.locator('#map-play').click();
  assert.equal(await page.locator('#map-when').textContent(), 'epoch 0');
  await page.waitForFunction(() => document.querySelector('#map-when').value === 'epoch 25');
}

async function checkPage(page) {
  assert.equal(await page.locator('h1').textContent(), "Codes of an animal's pose <sample>");
  for (const image of await page.locator('figure img').all()) {
    assert.ok(await image.evaluate((i) => i.complete && i.naturalWidth > 0), 'a figure is not shown');
  }
  assert.equal(await page.locator('video').count(), 1);
  await page.setViewportSize({ width: 400, height: 800 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 400, `a narrow window shows a page ${width} pixels wide`);
}

/// Without WebGL the page says so, and shows frames all the same.
async function checkWithoutMap(page) {
  assert.ok(await page.locator('#map-missing').isVisible());
  await page.locator('#map-frame').fill('7');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#map-image-1').dataset.frame === '7');
}

const [program, modules = '.'] = process.argv.slice(2);
const { chromium } = loadPlaywright(modules);
const executablePath = findBrowser();
const folder = mkdtempSync(join(tmpdir(), 'engram_report_'));
const launch = (...args) => chromium.launch({ executablePath, args: ['--no-sandbox', ...args] });
try {
  const file = join(folder, 'report.html');
  execFileSync(resolve(program), [file]);
  const browser = await launch('--use-angle=swiftshader', '--enable-unsafe-swiftshader');
  await visit(browser, file, checkMap);
  await visit(browser, file, checkPage);
  await browser.close();
  const plain = await launch('--disable-3d-apis');
  await visit(plain, file, checkWithoutMap);
  await plain.close();
  console.log('the report works');
} finally {
  rmSync(folder, { recursive: true });
}
