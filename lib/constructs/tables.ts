/**
 * The four tables as CloudFormation makes them, from the shapes in `lib/aws/tables.ts` that the local runtime uses too.
 * Every table is backed up continuously. With `RETAIN` it is also protected from deletion: the claims are the fence.
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  Billing,
  type GlobalSecondaryIndexPropsV2,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type KeyAttribute, TABLES, type Table, type TableShape } from '../aws/tables.ts';

interface TablesProps {
  readonly removalPolicy: RemovalPolicy;
  readonly maxReadRequestUnits: number;
  readonly maxWriteRequestUnits: number;
  readonly encryptionKey?: IKey;
}

export const TABLE_IDS = Object.keys(TABLES) as Table[];

const TYPES: Record<KeyAttribute['type'], AttributeType> = { S: AttributeType.STRING, N: AttributeType.NUMBER };

export class Tables extends Construct {
  readonly byName: Record<Table, TableV2>;
  readonly encryptionKey: IKey | undefined;

  constructor(scope: Construct, id: string, props: TablesProps) {
    super(scope, id);
    this.encryptionKey = props.encryptionKey;
    this.byName = Object.fromEntries(
      TABLE_IDS.map((name) => [name, this.createTable(name, TABLES[name], props)]),
    ) as Record<Table, TableV2>;
  }

  /** The stream's ARN; only for tables whose shape has one. */
  streamOf(name: Table): string {
    const arn = this.byName[name].tableStreamArn;
    if (arn === undefined) throw new Error(`table ${name} has no stream: give it one in lib/aws/tables.ts`);
    return arn;
  }

  private createTable(name: Table, shape: TableShape, props: TablesProps): TableV2 {
    const { maxReadRequestUnits, maxWriteRequestUnits, encryptionKey, removalPolicy } = props;
    const limits = { maxReadRequestUnits, maxWriteRequestUnits };
    return new TableV2(this, name, {
      partitionKey: attributeOf(shape.partitionKey),
      sortKey: attributeOf(shape.sortKey),
      billing: Billing.onDemand(limits),
      globalSecondaryIndexes: shape.indexes.map(
        (index): GlobalSecondaryIndexPropsV2 => ({
          indexName: index.name,
          partitionKey: attributeOf(index.partitionKey),
          sortKey: attributeOf(index.sortKey),
          ...limits,
        }),
      ),
      ...(shape.stream && { dynamoStream: StreamViewType[shape.stream] }),
      ...(shape.expiryAttribute && { timeToLiveAttribute: shape.expiryAttribute }),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
      encryption: encryptionKey
        ? TableEncryptionV2.customerManagedKey(encryptionKey)
        : TableEncryptionV2.dynamoOwnedKey(),
      removalPolicy,
    });
  }
}

function attributeOf({ name, type }: KeyAttribute): Attribute {
  return { name, type: TYPES[type] };
}
