import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

// Of the ELF header of 64 bits (System V ABI, chapter 4).
const HEADER_SIZE = 64;
const MAGIC = 0x7f454c46;
const SECTION_HEADERS_OFFSET = 0x28;
const SECTION_HEADER_SIZE = 0x3a;
const SECTION_HEADER_COUNT = 0x3c;

/**
 * What is missing at the end of a shared object, as a full disk or an installation that was ended leaves it. The
 * system's loader does not look: the process would die of a SIGBUS as soon as it runs what is not there.
 *
 * @returns A sentence, or nothing if the file is whole, or no shared object at all, which the loader tells itself.
 */
export function truncationOf(file: string): string | undefined {
  const header = Buffer.alloc(HEADER_SIZE);
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const read = readSync(descriptor, header, 0, HEADER_SIZE, 0);
    if (read < HEADER_SIZE || header.readUInt32BE(0) !== MAGIC) return undefined;
    // Linkers and strip put the section headers last.
    const end =
      Number(header.readBigUInt64LE(SECTION_HEADERS_OFFSET)) +
      header.readUInt16LE(SECTION_HEADER_SIZE) * header.readUInt16LE(SECTION_HEADER_COUNT);
    return size < end ? `it ends after ${size} of at least ${end} bytes` : undefined;
  } finally {
    closeSync(descriptor);
  }
}
