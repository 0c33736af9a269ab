/** A small file that is there whole or not at all, also after a power cut, and for its owner only. */
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** When this returns, the content is on the disk under its name. */
export async function writeDurably(path: string, content: string): Promise<void> {
  const part = await open(`${path}.part`, 'w', 0o600);
  try {
    await part.writeFile(content);
    await part.sync();
  } finally {
    await part.close();
  }
  await rename(`${path}.part`, path);
  // The name is in the folder, which the disk may write later than the file.
  const folder = await open(dirname(path));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
