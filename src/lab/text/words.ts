import type { Words } from './phrase.ts'

const list = (text: string): readonly string[] => text.split(',').map((one) => one.trim())

const topics =
  list(`solar panels, sourdough bread, the French Revolution, black holes, tax brackets, beekeeping, the Silk Road, insulin resistance,
  tectonic plates, chess openings, inflation, coral reefs, the water cycle, jazz harmony, quantum tunnelling, garden composting, the Ottoman Empire,
  mortgage refinancing, vaccines, volcanic soil, migraine, rent control, the Roman senate, password managers, ocean currents, photosynthesis,
  supply chains, knitting patterns, the Cold War, public libraries, electric cars, sleep apnoea, wolf packs, origami, the gold standard, glaciers,
  remote work, minimum wage, bridge design, honey bees, the immune system, stock options, urban trees, Gothic cathedrals, battery recycling,
  ancient Egypt, the printing press, cheese ageing, marathon training, food allergies, railway signals, nuclear fusion, coffee roasting,
  lunar eclipses, whale song, the Great Depression, bicycle maintenance, soil erosion, copyright law, desert plants, dialects of Italian,
  high blood pressure, tidal energy, school uniforms, wild mushrooms, medieval trade, the housing market, plastic waste, haiku, antibiotics,
  satellite orbits, jury trials, potato blight, meditation, typography, wetlands, the nervous system, carbon taxes, opera, snow avalanches,
  bird migration, sign language, credit scores, steam engines, the Aztec calendar, dental hygiene, fermentation, street photography,
  airport security, the Baltic states, rice farming, crossword puzzles, earthquakes, kidney stones, board games, river deltas, cryptography,
  maternity leave, fencing, lighthouse keepers, the spice trade, video compression, data centres, truffle dogs, pension funds, modern dance,
  noise pollution, lactose intolerance, stained glass, the Suez Canal, canoe building, hydroponics, folk tales, shift work, peat bogs`)
const jobs =
  list(`nurse, carpenter, high school teacher, data analyst, bus driver, pastry chef, civil engineer, journalist, farmer, pharmacist,
  electrician, lawyer, librarian, firefighter, accountant, fisherman, translator, plumber, architect, social worker, dentist, police officer,
  florist, truck driver, sculptor, geologist, midwife, baker, pilot, hotel manager, tailor, biologist, mechanic, violinist, postal worker,
  real estate agent, veterinarian, web designer, miner, judge, barista, warehouse worker, kindergarten teacher, physicist, tour guide, welder,
  optician, goldsmith, sailor, radio host, butcher, economist, gardener, call centre agent, security guard, roofer, beekeeper, archivist`)
const places =
  list(`Lisbon, Nairobi, Osaka, Lima, Warsaw, Toronto, Cairo, Hanoi, Glasgow, Bogotá, Mumbai, Oslo, Perth, Naples, Austin, Lagos,
  Seoul, Vienna, Havana, Kraków, Tunis, Denver, Manila, Porto, Tbilisi, Quito, Cardiff, Izmir, Dakar, Bergen, Cebu, Malmö, Kyoto, Leeds,
  Montevideo, Riga, Busan, Ghent, Accra, Split, Tampere, Antalya, Nantes, Oaxaca, Pune, Galway, Turin, Chengdu, Almaty, Windhoek`)
const names =
  list(`Anna, Omar, Lucía, Wei, Priya, Jonas, Fatima, Igor, Chloé, Diego, Hana, Samuel, Aisha, Tomás, Greta, Kofi, Yuki, Elena, Bruno,
  Mei, Noah, Zara, Pavel, Ingrid, Mateo, Leila, Sven, Rosa, Arjun, Nadia, Felix, Amara, Viktor, Sofia, Hugo, Ines, Rafael, Maya, Emil, Dina,
  Oscar, Tara, Luca, Selma, Ravi, Clara, Adam, Nora, Jakub, Lena, Martin, Alice, Peter, Julia, Marco, Eva, Daniel, Ruth, Simon, Carla`)
const things =
  list(`bicycle, kettle, laptop, sofa, umbrella, camera, tent, printer, mattress, guitar, blender, backpack, lamp, drill, watch,
  microscope, sewing machine, heater, bookshelf, helmet, coffee grinder, telescope, ladder, phone case, rug, suitcase, keyboard, stroller,
  water filter, desk chair, lawn mower, toaster, monitor, fishing rod, jacket, air purifier, kayak, wallet, drum kit, hair dryer`)
const adjectives =
  list(`slow, bright, cheap, noisy, careful, ancient, modern, sturdy, quiet, broken, useful, heavy, clever, plain, odd, gentle,
  famous, fragile, local, rare, sudden, honest, dusty, warm, narrow, formal, playful, remote, common, patient, sharp, reluctant, generous`)
const audiences =
  list(`a ten-year-old, a busy manager, first-year students, retired people, new parents, a policy maker, hobbyists, a sceptical
  friend, job seekers, a general reader, night-shift workers, an exam candidate, beginners, someone who has five minutes, investors, tourists`)
const languages = list(
  `Python, JavaScript, Go, Rust, Java, C++, TypeScript, Ruby, Kotlin, C#, Swift, PHP, Scala, Haskell, SQL, Bash, R, Lua`,
)
const structures =
  list(`a linked list, a binary search tree, a priority queue, an LRU cache, a directed graph, a trie, a ring buffer, a sparse
  matrix, a hash map, a segment tree, a bloom filter, a stack of integers, a doubly linked list, a set of intervals, a log file, a CSV file,
  a JSON document, a list of invoices, a table of bookings, a stream of sensor readings, a chess board, a bank ledger, an inventory,
  a list of time stamps, a text buffer, a grid of cells, a family tree, a playlist, an address book, a timetable`)
const operations =
  list(`merge, reverse, serialise, deduplicate, rotate, balance, flatten, validate, partition, compress, sort, group, diff,
  paginate, transpose, traverse, clone, index, filter, sample, normalise, split, search, shuffle, rank, summarise, encrypt, encode`)

/** What slots are filled with, for honest accounts and harvests alike. */
export const words: Words = {
  topic: topics,
  job: jobs,
  place: places,
  name: names,
  thing: things,
  adjective: adjectives,
  audience: audiences,
  code: languages,
  structure: structures,
  operation: operations,
  n: (random) => `${2 + random.below(97)}`,
  big: (random) => `${100 + random.below(9900)}`,
  year: (random) => `${1700 + random.below(325)}`,
  age: (random) => `${18 + random.below(65)}`,
}
