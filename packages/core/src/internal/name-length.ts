/** The maximum length of names, apart from the modules that need it. */
export const maxNameLength = 45
