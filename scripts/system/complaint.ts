/** An error that the user can fix: reported as a sentence, without a stack. */
export class Complaint extends Error {
  override readonly name = "Complaint";
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Exit code: a setting, a port or a folder is wrong. */
export const BAD_SETTING = 2;
/** Exit code: the system itself failed. */
export const FAILED = 1;

/** Runs a program. A {@link Complaint} ends it with its message and exit code; any other error with a stack. */
export async function runProgram(program: () => Promise<void>): Promise<void> {
  try {
    await program();
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    console.error(error.message);
    process.exit(error.exitCode);
  }
}
