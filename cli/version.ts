declare const __KDSL_VERSION__: string;

/** The version of this package, put in by the build. */
export const version: string = typeof __KDSL_VERSION__ === "string" ? __KDSL_VERSION__ : "0.0.0-source";
