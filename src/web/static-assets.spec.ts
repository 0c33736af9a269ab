import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import request from 'supertest';
import { StaticAssets } from './static-assets.js';

describe('a file that pages load or link to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'uct-assets-'));
  const app = express();

  beforeAll(() => {
    writeFileSync(join(folder, 'app.css'), 'p { color: red }');
    writeFileSync(join(folder, 'verify-bundle.html'), '<!doctype html><title>Check</title>');
    app.use('/assets', new StaticAssets(folder).serve);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is shown when it is a style sheet', async () => {
    const answer = await request(app)
      .get('/assets/app.css')
      .expect(200)
      .expect('content-type', /^text\/css/);
    expect(answer.headers['content-disposition']).toBeUndefined();
  });

  it('is saved to the disk when it is a page, so that it never runs under the address of the service', async () => {
    const answer = await request(app).get('/assets/verify-bundle.html').expect(200);
    expect(answer.headers['content-disposition']).toBe('attachment; filename="verify-bundle.html"');
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.text).toContain('<title>Check</title>');
  });

  it('is left to others when it is not there', async () => {
    await request(app).get('/assets/%22;x.html').expect(404);
  });
});
