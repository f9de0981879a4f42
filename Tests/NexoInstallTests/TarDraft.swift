import Glibc
import Support
import Testing

@testable import NexoInstall

/// A tarball in the making, block by block: every header field can be wrong, every size can lie.
struct TarDraft {
  var bytes: [UInt8] = []

  /// One header block. Texts go into their fields as they are; nil fields are computed.
  struct Header {
    var name: [UInt8]
    var type: UInt8
    var size: Int
    var mode: UInt32 = 0o644
    var magic: [UInt8] = Array("ustar\u{0}00".utf8)
    var prefix: [UInt8] = []
    /// The twelve bytes of the size field, where `size` is not to be written in octal.
    var rawSize: [UInt8]?
    /// The eight bytes of the mode field, likewise.
    var rawMode: [UInt8]?
    /// The eight bytes of the checksum field, likewise.
    var rawChecksum: [UInt8]?
    /// Added to the right checksum.
    var checksumError = 0

    init(_ name: String, _ type: Character = "0", size: Int = 0) { self.init(Array(name.utf8), type, size: size) }

    init(_ name: [UInt8], _ type: Character = "0", size: Int = 0) {
      self.name = name
      self.type = type.asciiValue ?? 0
      self.size = size
    }

    /// POSIX.1-1988 ustar, 10.1.1.
    var block: [UInt8] {
      var block = [UInt8](repeating: 0, count: 512)
      func put(_ bytes: [UInt8], _ offset: Int, _ width: Int) {
        precondition(bytes.count <= width, "the field has \(width) bytes")
        block.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
      }
      put(name, 0, 100)
      put(rawMode ?? TarDraft.octal(Int(mode), 7), 100, 8)
      put(TarDraft.octal(0, 7), 108, 8)
      put(TarDraft.octal(0, 7), 116, 8)
      put(rawSize ?? TarDraft.octal(size, 11), 124, 12)
      put(TarDraft.octal(1_700_000_000, 11), 136, 12)
      put(Array("        ".utf8), 148, 8)
      block[156] = type
      put(magic, 257, 8)
      put(prefix, 345, 155)
      let sum = block.reduce(checksumError) { $0 + Int($1) }
      put(rawChecksum ?? (TarDraft.octal(sum, 6) + [0, 0x20]), 148, 8)
      return block
    }
  }

  static func octal(_ value: Int, _ width: Int) -> [UInt8] {
    let digits = Array(String(value, radix: 8).utf8)
    return [UInt8](repeating: 0x30, count: max(0, width - digits.count)) + digits
  }

  // MARK: Parts

  mutating func add(_ header: Header, _ content: [UInt8] = []) {
    bytes += header.block
    add(padded: content)
  }

  mutating func add(padded content: [UInt8]) {
    bytes += content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  /// A file whose header says the truth. Its path may be of any length: GNU's long name comes before where it must.
  mutating func file(_ path: String, _ text: String = "x", mode: UInt32 = 0o644) {
    var name = Array(path.utf8)
    if name.count > 100 {
      longName(path)
      name = Array(name.prefix(100))
    }
    var header = Header(name, size: text.utf8.count)
    header.mode = mode
    add(header, Array(text.utf8))
  }

  mutating func folder(_ path: String, mode: UInt32 = 0o755) {
    var header = Header(path, "5")
    header.mode = mode
    add(header)
  }

  /// GNU's `L` (the name of the next entry), or `K` (its link's target).
  mutating func longName(_ path: String, type: Character = "L") {
    let content = Array(path.utf8) + [0]
    add(Header("././@LongLink", type, size: content.count), content)
  }

  /// A pax header, `x` for the next entry or `g` for all.
  mutating func pax(_ records: [(String, String)], type: Character = "x") {
    let content = records.flatMap { Self.record($0.0, Array($0.1.utf8)) }
    add(Header("pax", type, size: content.count), content)
  }

  /// `LENGTH KEY=VALUE\n`, the length counting itself (IEEE 1003.1, pax, "pax Extended Header").
  static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
    let body = Array(" \(key)=".utf8) + value + [0x0a]
    var length = body.count + 1
    while String(length).utf8.count + body.count != length { length += 1 }
    return Array(String(length).utf8) + body
  }

  mutating func zeroBlocks(_ count: Int) { bytes += [UInt8](repeating: 0, count: 512 * count) }

  // MARK: Whole tarballs

  /// What `build` adds, with the two zero blocks that end an archive.
  static func tar(_ build: (inout TarDraft) -> Void) -> [UInt8] {
    var draft = TarDraft()
    build(&draft)
    draft.zeroBlocks(2)
    return draft.bytes
  }

  static func gzipped(_ build: (inout TarDraft) -> Void) -> [UInt8] { PluginTarball.gzip(tar(build)) }
}
