/// A `.tar.gz` of regular files and folders, made here byte for byte: the same files give the same bytes.
public struct PluginTarball: Sendable {
  public struct Item: Sendable {
    public var path: String
    public var bytes: [UInt8]
    public var mode: UInt32

    public init(_ path: String, _ bytes: [UInt8], mode: UInt32 = 0o644) {
      self.path = path
      self.bytes = bytes
      self.mode = mode
    }
  }

  public var items: [Item]

  public init(_ items: [Item]) { self.items = items }

  /// A path that ends with `/` is a folder.
  public var tar: [UInt8] {
    var out: [UInt8] = []
    for item in items {
      out += Self.header(item)
      out += item.bytes
      out += [UInt8](repeating: 0, count: (512 - item.bytes.count % 512) % 512)
    }
    return out + [UInt8](repeating: 0, count: 1024)
  }

  public var gzipped: [UInt8] { Self.gzip(tar) }

  /// POSIX.1-1988 ustar, 10.1.1.
  private static func header(_ item: Item) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
    }
    func octal(_ value: Int, _ width: Int) -> String {
      let digits = String(value, radix: 8)
      return String(repeating: "0", count: width - digits.count) + digits
    }
    precondition(item.path.utf8.count <= 100, "a longer path needs a prefix")
    put(item.path, at: 0)
    put(octal(Int(item.mode), 7), at: 100)
    put(octal(0, 7), at: 108)
    put(octal(0, 7), at: 116)
    put(octal(item.bytes.count, 11), at: 124)
    put(octal(1_700_000_000, 11), at: 136)
    put("        ", at: 148)
    put(item.path.hasSuffix("/") ? "5" : "0", at: 156)
    put("ustar\u{0}00", at: 257)
    let sum = block.reduce(0) { $0 + Int($1) }
    put(octal(sum, 6) + "\u{0} ", at: 148)
    return block
  }

  /// RFC 1952 around stored blocks of RFC 1951, 3.2.4.
  public static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(0xffff)
      rest = rest.dropFirst(block.count)
      let length = UInt16(block.count)
      out += [rest.isEmpty ? 1 : 0, UInt8(length & 0xff), UInt8(length >> 8)]
      out += [UInt8(~length & 0xff), UInt8(~length >> 8)]
      out += block
    } while !rest.isEmpty
    for value in [checksum(bytes), UInt32(truncatingIfNeeded: bytes.count)] {
      out += (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    return out
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
  }
}
