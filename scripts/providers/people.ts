// Names for addresses, and the customers that simulated calendars and recordings are full of.
import type { SeededRandom } from "./seeded_random.ts";

/** Somebody with an address. */
export interface Person {
  readonly name: string;
  readonly email: string;
}

/** A company that our users talk to. */
export interface Customer {
  readonly company: string;
  readonly people: readonly [Person, Person, ...Person[]];
}

/** The customers. */
export const CUSTOMERS: readonly [Customer, ...Customer[]] = [
  {
    company: "Acme",
    people: [
      { name: "Priya Raman", email: "priya.raman@acme.example" },
      { name: "Tom Becker", email: "tom.becker@acme.example" },
    ],
  },
  {
    company: "Northwind",
    people: [
      { name: "Sofia Lindqvist", email: "sofia@northwind.example" },
      { name: "Marcus Hale", email: "marcus.hale@northwind.example" },
    ],
  },
  {
    company: "Globex",
    people: [
      { name: "Dana Whitfield", email: "dana.whitfield@globex.example" },
      { name: "Ivo Petrov", email: "ivo@globex.example" },
    ],
  },
  {
    company: "Initech",
    people: [
      { name: "Grace Okafor", email: "grace.okafor@initech.example" },
      { name: "Leo Martins", email: "leo.martins@initech.example" },
    ],
  },
];

/** Makes a name out of an address: `anna.kim@…` is Anna Kim. */
export function nameOf(email: string): string {
  const known = CUSTOMERS.flatMap(({ people }) => people).find((one) => one.email === email);
  if (known !== undefined) return known.name;
  return email.slice(0, email.indexOf("@")).split(/[._-]+/).filter((part) => part !== "")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join(" ");
}

/** The part of an address after the sign. */
export function domainOf(email: string): string {
  return email.slice(email.indexOf("@") + 1).toLowerCase();
}

/** Chooses a customer. */
export function pickCustomer(random: SeededRandom): Customer {
  return random.pick(CUSTOMERS);
}
