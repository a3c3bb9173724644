/** What the variable of a tool's secret is called: the tool's own name for it is `GITHUB_TOKEN`, say. */
export const toolSecretVariable = (name: string): string => `TOOL_SECRET_${name}`;
