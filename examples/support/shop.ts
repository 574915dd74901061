// Stands in for the web API of a shop: three pages of orders, and the items of each order.
import { setImmediate as roundTrip } from 'node:timers/promises';

export interface Order {
  readonly id: number;
  readonly paid: boolean;
}

export interface Item {
  readonly name: string;
  readonly price: number;
}

const ORDERS: readonly (readonly Order[])[] = [
  [
    { id: 1, paid: true },
    { id: 2, paid: false },
  ],
  [
    { id: 3, paid: true },
    { id: 4, paid: true },
  ],
  [{ id: 5, paid: true }],
];

const ITEMS: ReadonlyMap<number, readonly Item[]> = new Map([
  [1, [item('desk', 320), item('pencil', 2)]],
  [2, [item('piano', 4900)]],
  [3, [item('lamp', 110), item('desk', 320)]],
  [4, [item('cup', 9), item('chair', 140)]],
  [5, [item('sofa', 990)]],
]);

function item(name: string, price: number): Item {
  return { name, price };
}

/** A page of orders, counted from 1. The pages after the last one are empty. */
export async function fetchOrders(page: number): Promise<readonly Order[]> {
  await roundTrip();
  return ORDERS[page - 1] ?? [];
}

/** The items of an order, each in an answer of its own. */
export async function* fetchItems(order: Order): AsyncGenerator<Item> {
  for (const item of ITEMS.get(order.id) ?? []) {
    await roundTrip();
    yield item;
  }
}
