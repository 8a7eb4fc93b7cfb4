/** The address of the helper threads' file, as Vite makes it. */
declare module "heavyball/worker?worker&url" {
  const address: string;
  export default address;
}
