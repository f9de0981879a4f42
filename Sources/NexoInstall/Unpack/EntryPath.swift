/// An entry's path, checked: relative, plain components, nothing that another system would read otherwise.
struct EntryPath: Hashable {
  /// Without `.`; empty for the archive's own root.
  let components: [String]

  var text: String { components.joined(separator: "/") }

  /// In bytes; those of Linux.
  private static let longestComponent = 255
  private static let longest = 4096
  private static let deepest = 64

  init(_ bytes: [UInt8]) throws(InstallFailure) {
    let shown = String(decoding: bytes, as: UTF8.self)
    func refuse(_ reason: String) -> InstallFailure {
      InstallFailure(.unsafePath, "entry path `\(shown)` rejected: \(reason)", presented: shown)
    }
    guard bytes.first != UInt8(ascii: "/") else { throw refuse("entry path is absolute") }
    guard !bytes.contains(0) else { throw refuse("entry component contains NUL byte") }
    guard shown.utf8.elementsEqual(bytes) else { throw refuse("entry component is not valid UTF-8") }
    guard bytes.count <= Self.longest else { throw refuse("entry path is too long") }
    // `C:` is a drive, `\` separates: on Windows alone, but a plugin is built for many systems.
    guard !bytes.contains(UInt8(ascii: "\\")), bytes.dropFirst().first != UInt8(ascii: ":") else {
      throw refuse("entry path contains windows path prefix")
    }
    var components: [String] = []
    for part in shown.split(separator: "/") where part != "." {
      guard part != ".." else { throw refuse("entry contains parent component (`..`)") }
      guard part.utf8.count <= Self.longestComponent else { throw refuse("entry component is too long") }
      guard !part.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
        throw refuse("entry component contains control character")
      }
      components.append(String(part))
    }
    guard components.count <= Self.deepest else { throw refuse("entry path is too deep") }
    // A folder of that name, too: the installer could not write its record then.
    if let name = components.first, Self.reserved.contains(Self.folded(name)) {
      throw refuse("entry name is reserved")
    }
    self.components = components
  }

  private static let reserved = Set([InstallRecord.name, InstallRecord.temporaryName].map(folded))

  /// Equal for names that a file system without case, or with normalised names, takes for one. Swift compares texts by
  /// canonical equivalence; upper case brings `ß` and `ss` together, and lower case before it `ẞ` and `ß`.
  static func folded(_ text: String) -> String { text.lowercased().uppercased().lowercased() }
}
