// Names for addresses, and the customers that simulated calendars and recordings are full of.
import { SeededRandom } from "./seeded_random.ts";

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

/** Customers of one company among our users, as many as a calendar needs. */
type CustomerBook = readonly [Customer, Customer, Customer, Customer];

const FIRST_BOOK: CustomerBook = [
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

const SECOND_BOOK: CustomerBook = [
  {
    company: "Brightwater",
    people: [
      { name: "Amina Diallo", email: "amina.diallo@brightwater.example" },
      { name: "Jon Aspen", email: "jon.aspen@brightwater.example" },
    ],
  },
  {
    company: "Oakline",
    people: [
      { name: "Clara Winter", email: "clara@oakline.example" },
      { name: "Raj Patel", email: "raj.patel@oakline.example" },
    ],
  },
  {
    company: "Tessera",
    people: [
      { name: "Nils Berg", email: "nils.berg@tessera.example" },
      { name: "Yuki Mori", email: "yuki@tessera.example" },
    ],
  },
  {
    company: "Kestrel",
    people: [
      { name: "Helena Costa", email: "helena.costa@kestrel.example" },
      { name: "Paul Novak", email: "paul.novak@kestrel.example" },
    ],
  },
];

const COLLEAGUES = ["Jordan Lee", "Robin Falk"] as const;

/** Everybody's customers. */
export const CUSTOMERS: readonly Customer[] = [...FIRST_BOOK, ...SECOND_BOOK];

/**
 * The customers of whoever has an address in a domain. Two companies rarely have the same ones, so
 * that a meeting which turns up in a rival's calendar is a leak and not the simulator.
 */
export function customersOf(domain: string): CustomerBook {
  return new SeededRandom(`world of ${domain}`).pick([FIRST_BOOK, SECOND_BOOK]);
}

/** Somebody else at the company with that domain. */
export function colleagueAt(domain: string): Person {
  const name = new SeededRandom(`world of ${domain}`).pick(COLLEAGUES);
  return { name, email: `${name.toLowerCase().replace(" ", ".")}@${domain}` };
}

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

/** Chooses a customer of whoever has that address. */
export function pickCustomer(random: SeededRandom, email: string): Customer {
  return random.pick(customersOf(domainOf(email)));
}
