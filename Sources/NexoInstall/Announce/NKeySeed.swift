import OpenSSLCrypto

/// A user's nkey seed, as NATS writes it (NATS ADR-14): base32 of a prefix, 32 bytes of Ed25519 seed and a CRC-16.
struct NKeySeed: Sendable {
  /// As in the file: `SU…`.
  let text: String
  /// What the server knows the user by: `U…`.
  let publicKey: String

  /// Codes of the prefix, in the upper five bits of a byte.
  private static let seedPrefix: UInt8 = 18 << 3
  private static let userPrefix: UInt8 = 20 << 3

  /// Nil for everything that is no user's seed. Blanks around it are dropped.
  init?(_ file: [UInt8]) {
    let body = file.filter { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
    guard let raw = Self.decode(body), raw.count == 36 else { return nil }
    let type = (raw[0] & 7) << 5 | (raw[1] & 248) >> 3
    let sum = UInt16(raw[34]) | UInt16(raw[35]) << 8
    guard raw[0] & 248 == Self.seedPrefix, type == Self.userPrefix, sum == Self.checksum(raw[..<34]),
      let key = try? ed25519PublicKey(seed: Array(raw[2..<34]))
    else { return nil }
    let named = [Self.userPrefix] + key
    let check = Self.checksum(named[...])
    text = String(decoding: body, as: UTF8.self)
    publicKey = Self.encode(named + [UInt8(check & 0xff), UInt8(check >> 8)])
  }

  /// CRC-16/XMODEM.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
    bytes.reduce(0) { value, byte in
      (0..<8).reduce(value ^ UInt16(byte) << 8) { value, _ in value & 0x8000 != 0 ? value << 1 ^ 0x1021 : value << 1 }
    }
  }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

  /// RFC 4648, 6, without padding.
  private static func decode(_ text: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
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
    return bytes
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
