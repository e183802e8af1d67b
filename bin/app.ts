/** The CDK app: one stack, chosen by the context in `cdk.json`. `npx cdk synth`, `diff` and `deploy` run it. */
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readContext } from '../lib/constructs/context.ts';
import { CrossfadeStack } from '../lib/constructs/stack.ts';

const app = new App();
const context = readContext(app.node);
new CrossfadeStack(app, context.stackName, context);
// A finding that is not acknowledged ends the synth.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
