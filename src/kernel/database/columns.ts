/** How columns become values: bigint columns arrive as strings from the driver and are bigint in the code. */
import type { ValueTransformer } from 'typeorm';

export const bigintColumn: ValueTransformer = {
  to: (value: bigint | null | undefined) => value?.toString(),
  from: (value: string | null) => (value === null ? null : BigInt(value)),
};
