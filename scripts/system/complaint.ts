/** Something the person at the keyboard can mend: told in a sentence, without a stack. */
export class Complaint extends Error {
  override readonly name = "Complaint";
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A setting, a port or a folder is not as it must be. */
export const BAD_SETTING = 2;
/** The system itself failed. */
export const FAILED = 1;

/** Runs a program; a complaint ends it with its sentence and its exit code, anything else with a stack. */
export async function runProgram(program: () => Promise<void>): Promise<void> {
  try {
    await program();
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    console.error(error.message);
    process.exit(error.exitCode);
  }
}
