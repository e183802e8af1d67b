/** What the console shows behind "Get documentation" of the widget; the first YAML block becomes its parameters. */
export const WIDGET_DOCUMENTATION = `
## Crossfade

Jobs that a person should look at, most urgent first, and the page of each job: what is decided and why, the verdicts with
their numbers, old against new as charts, the partitions that stand out, and the history.

The function only reads. Each button invokes the function of its own verb (\`hold\`, \`demote\`, ...) as whoever looks at
the dashboard, so IAM decides: without \`lambda:InvokeFunction\` on a verb's function its button does nothing.
The console does not tell who pressed, so the name that you fill in is recorded as claimed.

### Widget parameters
Parameter | Description
---|---
**team** | Only the jobs of this team
**kind** | Only this kind of attention, such as \`regressing\` or \`stuck\`
**jobId** | The page of this job instead of the list

### Example parameters
\`\`\` yaml
team: flights
\`\`\`
`;
