/** The package of the runtime: a CommonJS module without types. */
declare module "workerd" {
  const exported: {
    /** The path of the program. */
    default: string;
  };
  export default exported;
}
