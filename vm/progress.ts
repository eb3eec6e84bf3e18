/** Told what is being done, a line at a time, where something may take more than a moment. */
export type Progress = (line: string) => void;

export const silently: Progress = () => undefined;
