import Glibc
import OpenSSLCrypto

/// A user's nkey seed, as NATS writes it (NATS ADR-14): base32 of a prefix, 32 bytes of Ed25519 seed and a CRC-16.
///
/// The one copy that it keeps, and those made on the way, are wiped; what the caller read from the file is the
/// caller's.
final class NKeySeed: @unchecked Sendable {
  /// As in the file, `SU…`, with a null byte at the end. Valid as long as the value; nobody writes to it.
  let text: UnsafePointer<CChar>
  /// What the server knows the user by: `U…`.
  let publicKey: String

  /// Codes of the prefix, in the upper five bits of a byte.
  private static let seedPrefix: UInt8 = 18 << 3
  private static let userPrefix: UInt8 = 20 << 3
  /// 36 bytes in base32.
  private static let letterCount = 58

  /// Nil for everything that is no user's seed. White space around it is dropped.
  init?(_ file: [UInt8]) {
    let isBlank = { (byte: UInt8) in [0x20, 0x09, 0x0a, 0x0d].contains(byte) }
    var body = file.drop(while: isBlank)
    while body.last.map(isBlank) == true { body = body.dropLast() }
    guard body.count == Self.letterCount, var raw = Self.decode(body), raw.count == 36 else { return nil }
    defer { Self.wipe(&raw) }
    let type = (raw[0] & 7) << 5 | (raw[1] & 248) >> 3
    let sum = UInt16(raw[34]) | UInt16(raw[35]) << 8
    guard raw[0] & 248 == Self.seedPrefix, type == Self.userPrefix, sum == Self.checksum(raw[..<34]) else { return nil }
    var seed = Array(raw[2..<34])
    defer { Self.wipe(&seed) }
    guard let key = try? ed25519PublicKey(seed: seed) else { return nil }
    let named = [Self.userPrefix] + key
    let check = Self.checksum(named[...])
    publicKey = Self.encode(named + [UInt8(check & 0xff), UInt8(check >> 8)])
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: Self.letterCount + 1)
    copy.initialize(repeating: 0, count: Self.letterCount + 1)
    for (index, letter) in body.enumerated() { copy[index] = CChar(bitPattern: letter) }
    text = UnsafePointer(copy)
  }

  deinit {
    let copy = UnsafeMutablePointer(mutating: text)
    explicit_bzero(copy, Self.letterCount + 1)
    copy.deallocate()
  }

  private static func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } }
  }

  /// CRC-16/XMODEM.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
    bytes.reduce(0) { value, byte in
      (0..<8).reduce(value ^ UInt16(byte) << 8) { value, _ in value & 0x8000 != 0 ? value << 1 ^ 0x1021 : value << 1 }
    }
  }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

  /// RFC 4648, 6, without padding.
  private static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    // Without growth no copy stays behind.
    bytes.reserveCapacity(text.count)
    var (bits, count) = (UInt32(0), 0)
    for character in text {
      guard let value = alphabet.firstIndex(of: character) else { return nil }
      bits = bits << 5 | UInt32(value)
      count += 5
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    // One spelling only: the bits that are left over are zero.
    return bits & (1 << UInt32(count) - 1) == 0 ? bytes : nil
  }

  private static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    var (bits, count) = (UInt32(0), 0)
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 5 {
        count -= 5
        text.append(alphabet[Int(bits >> UInt32(count) & 31)])
      }
    }
    if count > 0 { text.append(alphabet[Int(bits << UInt32(5 - count) & 31)]) }
    return String(decoding: text, as: UTF8.self)
  }
}
