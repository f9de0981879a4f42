/// One 512-byte header block: POSIX.1-1988 ustar (IEEE 1003.1, pax, "ustar Interchange Format"), GNU's and the old V7
/// form.
///
///     name[100] mode[8] uid[8] gid[8] size[12] mtime[12] chksum[8] typeflag[1] linkname[100]
///     magic[6] version[2] uname[32] gname[32] devmajor[8] devminor[8] prefix[155] pad[12]
struct TarHeader {
  static let size = 512

  let name: [UInt8]
  let mode: UInt32
  let contentSize: Int
  let type: UInt8

  /// Why a block is no header.
  struct Problem: Error {
    let text: String
  }

  /// Nil for the zero block that ends an archive.
  init?(_ block: [UInt8]) throws(Problem) {
    guard block.count == Self.size else { throw Problem(text: "a header has \(block.count) bytes") }
    if block.allSatisfy({ $0 == 0 }) { return nil }
    let sum = try Self.octal(block[148..<156], "checksum")
    let computed = block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element)) }
    guard sum == computed else { throw Problem(text: "a header's checksum is wrong") }
    type = block[156]
    mode = UInt32(try Self.octal(block[100..<108], "mode") & 0o7777)
    contentSize = try Self.octal(block[124..<136], "size")
    let tail = Self.text(block[0..<100])
    // GNU's magic has blanks, and other fields where POSIX has the prefix.
    let isPOSIX = block[257..<263].elementsEqual("ustar\u{0}".utf8)
    let prefix = isPOSIX ? Self.text(block[345..<500]) : []
    name = prefix.isEmpty ? tail : prefix + [UInt8(ascii: "/")] + tail
  }

  private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

  /// Blanks, octal digits, then NUL or blanks to the end of the field. GNU's base 256 is for numbers above every limit
  /// here.
  private static func octal(_ field: ArraySlice<UInt8>, _ name: String) throws(Problem) -> Int {
    let digits = field.drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
    guard field[digits.endIndex...].allSatisfy({ $0 == 0 || $0 == 0x20 }) else {
      throw Problem(text: "a header's \(name) is no octal number")
    }
    // Twelve octal digits at most: 36 bits.
    return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
  }
}
