// Formats of days and hours by time zone. Making one costs more than a thousand uses of it, in time and
// in memory outside the heap, so each is made once. What is remembered is the zone's name and nothing
// of anybody.

const ZONES_MAX = 64;

/**
 * Makes formats, one a zone.
 *
 * @param locale Their language.
 * @param options What they show.
 * @returns Gives the format of a zone.
 */
export function formatsByZone(
  locale: string,
  options: Intl.DateTimeFormatOptions,
): (timeZone: string) => Intl.DateTimeFormat {
  const formats = new Map<string, Intl.DateTimeFormat>();
  return (timeZone) => {
    const known = formats.get(timeZone);
    if (known !== undefined) return known;
    const format = new Intl.DateTimeFormat(locale, { ...options, timeZone });
    if (formats.size >= ZONES_MAX) formats.clear();
    formats.set(timeZone, format);
    return format;
  };
}
