/** R2's errors, by the code and the status with which the binding knows them. */
const ERRORS = {
  noSuchKey: { status: 404, code: 10007, message: "The specified key does not exist." },
  /** The caller stopped in the middle: as a rule because its own client left. */
  incompleteBody: { status: 400, code: 10013, message: "Fewer bytes came than were announced." },
  invalidArgument: { status: 400, code: 10029, message: "The request is not valid." },
  preconditionFailed: {
    status: 412,
    code: 10031,
    message: "At least one of the pre-conditions did not hold.",
  },
  invalidRange: { status: 416, code: 10039, message: "The requested range is not satisfiable." },
  noSuchUpload: { status: 400, code: 10024, message: "The specified multipart upload does not exist." },
  invalidPart: {
    status: 400,
    code: 10025,
    message: "One or more of the specified parts could not be found.",
  },
  internal: { status: 500, code: 10001, message: "The store of media has failed." },
} as const;

/** Something that a caller of the bucket did wrong, or a fault of the store. */
export class R2Error extends Error {
  readonly status: number;
  readonly code: number;

  constructor(kind: keyof typeof ERRORS) {
    const { status, code, message } = ERRORS[kind];
    super(message);
    this.status = status;
    this.code = code;
  }
}
