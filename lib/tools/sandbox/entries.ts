/** The modules of this folder that a process or a thread starts with. A bundle has each as a file of its own, under its name. */
export const ENTRIES = ['main', 'worker', 'wait'];
