/// A tar archive's entries, strictly: one way to read each, and what could be read in two ways is refused.
struct TarReader {
  struct Entry {
    enum Kind { case file, folder }
    /// As it stands in the archive.
    let path: [UInt8]
    let kind: Kind
    let mode: UInt32
    let size: Int
  }

  private let stream: GzipStream
  /// In bytes, of one record of metadata. Paths have at most 4096.
  private static let metadataLimit = 64 << 10
  /// Spent on metadata so far, in bytes: it counts as extracted.
  private(set) var metadata = 0

  init(_ stream: GzipStream) { self.stream = stream }

  /// The next file or folder; nil at the end of the archive. The content is to be read by `content` before the next
  /// call.
  mutating func next() throws(InstallFailure) -> Entry? {
    var longName: [UInt8]?
    var pax: PaxRecords?
    while true {
      let block = try block()
      let header: TarHeader?
      do throws(TarHeader.Problem) { header = try TarHeader(block) } catch { throw Self.problem(error.text) }
      guard let header else {
        guard longName == nil, pax == nil else { throw Self.problem("the archive ends behind metadata") }
        try checkEnd()
        return nil
      }
      switch header.type {
      case UInt8(ascii: "x"):
        guard pax == nil else { throw Self.problem("an entry has two pax headers") }
        let content = try content(of: header)
        do throws(TarHeader.Problem) { pax = try PaxRecords(parsing: content) } catch { throw Self.problem(error.text) }
      case UInt8(ascii: "L"):
        guard longName == nil else { throw Self.problem("an entry has two long names") }
        let content = try content(of: header)
        longName = Array(content.prefix { $0 != 0 })
        guard content.dropFirst(longName?.count ?? 0).allSatisfy({ $0 == 0 }) else {
          throw Self.problem("a long name goes on behind its end")
        }
      default: return try entry(header, longName, pax)
      }
    }
  }

  private func entry(
    _ header: TarHeader, _ longName: [UInt8]?, _ pax: PaxRecords?
  ) throws(InstallFailure) -> Entry {
    let path = pax?.path ?? longName ?? header.name
    if let name = longName, let other = pax?.path, name != other { throw Self.problem("an entry has two names") }
    let shown = String(decoding: path, as: UTF8.self)
    if let label = Self.refused[header.type] ?? (pax?.isSparse == true ? "gnu sparse" : nil) {
      throw InstallFailure(
        .disallowedEntryType, "entry `\(shown)` rejected: type `\(label)` not allowed", presented: label)
    }
    if let size = pax?.size, size != header.contentSize {
      throw Self.problem(
        "sizes disagree for `\(shown)`: \(header.contentSize) in its header, \(size) in its pax record")
    }
    let endsWithSlash = path.last == UInt8(ascii: "/")
    switch header.type {
    case UInt8(ascii: "5"):
      guard header.contentSize == 0 else { throw Self.problem("folder `\(shown)` has content") }
      return Entry(path: path, kind: .folder, mode: header.mode, size: 0)
    case 0 where endsWithSlash && header.contentSize == 0:
      // The form of before ustar, which had no type for folders.
      return Entry(path: path, kind: .folder, mode: header.mode, size: 0)
    case 0, UInt8(ascii: "0"):
      guard !endsWithSlash else { throw Self.problem("file `\(shown)` is named like a folder") }
      return Entry(path: path, kind: .file, mode: header.mode, size: header.contentSize)
    default:
      throw InstallFailure(
        .disallowedEntryType, "entry `\(shown)` rejected: type `non-regular` not allowed", presented: "non-regular")
    }
  }

  /// nexo-rs's names for them.
  private static let refused: [UInt8: String] = [
    UInt8(ascii: "1"): "hardlink", UInt8(ascii: "2"): "symlink", UInt8(ascii: "3"): "character device",
    UInt8(ascii: "4"): "block device", UInt8(ascii: "6"): "fifo", UInt8(ascii: "7"): "continuous",
    UInt8(ascii: "K"): "gnu long link", UInt8(ascii: "S"): "gnu sparse", UInt8(ascii: "g"): "pax global header",
  ]

  /// The content of the entry that was read last, and the padding behind it.
  mutating func content(
    of entry: Entry, _ body: (UnsafeRawBufferPointer) throws(InstallFailure) -> Void
  ) throws(InstallFailure) {
    try stream.read(entry.size, body)
    try skipPadding(entry.size)
  }

  private mutating func content(of header: TarHeader) throws(InstallFailure) -> [UInt8] {
    guard header.contentSize <= Self.metadataLimit else { throw Self.problem("a record of metadata is too large") }
    metadata += header.contentSize
    let content = try stream.bytes(header.contentSize)
    try skipPadding(header.contentSize)
    return content
  }

  private func skipPadding(_ size: Int) throws(InstallFailure) {
    try stream.read((TarHeader.size - size % TarHeader.size) % TarHeader.size) { _ throws(InstallFailure) in }
  }

  private func block() throws(InstallFailure) -> [UInt8] { try stream.bytes(TarHeader.size) }

  /// A second zero block, and nothing but zeros up to the end of the stream.
  private func checkEnd() throws(InstallFailure) {
    guard try block().allSatisfy({ $0 == 0 }) else { throw Self.problem("a lone zero block in the middle") }
    while true {
      let bytes = try stream.take(upTo: 256 << 10)
      if bytes.isEmpty { return }
      guard bytes.allSatisfy({ $0 == 0 }) else {
        throw Self.problem("there is something behind the end of the archive")
      }
    }
  }

  static func problem(_ text: String) -> InstallFailure {
    InstallFailure(.extractIo, "extract io error: read tar entry: \(text)")
  }
}
