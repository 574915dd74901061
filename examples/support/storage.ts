// Stands in for an S3 bucket with 5,000 objects, of which it lists 100 with each call.
import { serve, type Service } from './serve.ts';

const TOTAL = 5000;
const SIZE = 100;

const objectAt = (index: number): string =>
  `<Contents><Key>logs/${String(index).padStart(4, '0')}.gz</Key><Size>${(index * 7919) % 100_000}</Size></Contents>`;

export async function startStorage(log: (call: string) => void): Promise<Service> {
  return serve((request, response) => {
    const query = new URL(request.url!, 'http://localhost').searchParams;
    const start = Number(query.get('continuation-token') ?? 0);
    log(`list objects from ${start} on`);
    const end = Math.min(start + SIZE, TOTAL);
    const objects = Array.from({ length: end - start }, (_, index) => objectAt(start + index));
    const next = end < TOTAL ? `<NextContinuationToken>${end}</NextContinuationToken>` : '';
    const flag = `<IsTruncated>${end < TOTAL}</IsTruncated>`;
    response.setHeader('content-type', 'application/xml');
    response.end(`<?xml version="1.0"?><ListBucketResult>${flag}${next}${objects.join('')}</ListBucketResult>`);
  });
}
