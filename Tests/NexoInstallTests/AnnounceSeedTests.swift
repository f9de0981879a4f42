import Testing

@testable import NexoInstall

/// The keys are those of RFC 8032, 7.1, tests 1 and 2, in NATS's spelling.
@Suite("An nkey seed")
struct AnnounceSeedTests {
  static let user = "SUAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YALCA"
  static let userKey = "UDLVVGABQKYQVN6VJP7NHSLEA45A5YLS6PNKMIZFV4BBU2HXA5IRUVAL"
  static let other = "SUAEZTIITMUP7FW2TW3MGRXMCFHA6W4KGGPTLK5GETNIZ5XNJ64KN63OVI"
  static let otherKey = "UA6UAF6D5BBYSWUSW4FKOTI3P26JZGBMZ4XMJFUMYDGVL4JK6RTAYUDN"

  @Test("names its user's public key", arguments: [(user, userKey), (other, otherKey)])
  func publicKey(seed: String, key: String) throws {
    #expect(try #require(NKeySeed(Array(seed.utf8))).publicKey == key)
  }

  @Test("may have white space around it", arguments: ["\(user)\n", "\(user)\r\n", " \t\(user) \n\n"])
  func trimmed(file: String) throws {
    #expect(try #require(NKeySeed(Array(file.utf8))).publicKey == Self.userKey)
  }

  static let harmed: [(what: String, file: String)] = [
    ("nothing", ""), ("white space", " \n"),
    ("an account's seed", "SAAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YHY3Q"),
    ("a right sum behind a wrong first letter", "RUAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YG64I"),
    ("31 bytes", "SUAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH7LIN"),
    ("33 bytes", "SUAJ2YNRTXX72WTAXKCEV5ES5QWMIRCJYVUXWMTJDFYDXLADDSXH6YAAGEMQ"),
    ("the public key", userKey),
    ("two seeds", "\(user)\n\(other)"),
    ("one letter less", "\(user.dropLast())"),
    ("one letter more", "\(user)A"),
    ("white space within", "\(user.prefix(20)) \(user.dropFirst(20))"),
    ("a digit outside the alphabet", "\(user.prefix(20))1\(user.dropFirst(21))"),
    ("padding", "\(user)======"),
    ("a null byte", "\(user)\u{0}"),
    ("a non-ASCII letter", "\(user.dropLast())\u{ff21}"),
    ("lower case", user.lowercased()),
  ]

  @Test("is refused if it is not a user's, whole and unharmed", arguments: harmed)
  func refused(what: String, file: String) { #expect(NKeySeed(Array(file.utf8)) == nil, "\(what)") }

  @Test("is refused if any one letter is another")
  func mutated() {
    for index in 0..<Self.user.utf8.count {
      var letters = Array(Self.user.utf8)
      letters[index] = letters[index] == UInt8(ascii: "B") ? UInt8(ascii: "C") : UInt8(ascii: "B")
      #expect(NKeySeed(letters) == nil, "letter \(index)")
    }
  }
}
