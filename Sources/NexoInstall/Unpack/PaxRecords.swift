/// The records of a pax extended header that concern unpacking (IEEE 1003.1, pax, "pax Extended Header"): each is
/// `LENGTH KEY=VALUE\n`, the length counting itself.
struct PaxRecords {
  private(set) var path: [UInt8]?
  private(set) var size: Int?
  private(set) var isSparse = false

  init(parsing bytes: [UInt8]) throws(TarHeader.Problem) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard (1...6).contains(digits.count), let length = Int(String(decoding: digits, as: UTF8.self)),
        length <= rest.count, length > digits.count + 1, rest[digits.endIndex] == 0x20
      else { throw TarHeader.Problem(text: "a pax record has a wrong length") }
      let record = rest.prefix(length)
      rest = rest.dropFirst(length)
      guard record.last == 0x0a, let sign = record.firstIndex(of: UInt8(ascii: "=")) else {
        throw TarHeader.Problem(text: "a pax record has no form")
      }
      try take(
        String(decoding: record[(digits.endIndex + 1)..<sign], as: UTF8.self), Array(record[(sign + 1)...].dropLast()))
    }
  }

  /// Other keys say nothing that is used: times, owners, comments. A link's path belongs to an entry that is refused
  /// anyway.
  private mutating func take(_ key: String, _ value: [UInt8]) throws(TarHeader.Problem) {
    switch key {
    case "path":
      guard path == nil, !value.isEmpty else { throw TarHeader.Problem(text: "a pax path is empty or there twice") }
      path = value
    case "size":
      guard size == nil, (1...18).contains(value.count), value.allSatisfy({ (0x30...0x39).contains($0) }),
        let number = Int(String(decoding: value, as: UTF8.self))
      else { throw TarHeader.Problem(text: "a pax size is no number or there twice") }
      size = number
    default:
      if key.hasPrefix("GNU.sparse.") { isSparse = true }
    }
  }
}
