import Testing
import WireCoding

struct PEMTests {
  static let good = "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n"

  static func blocks(_ text: String) throws(CodingFailure) -> [PEMBlock] { try PEM.decode(Array(text.utf8)) }

  @Test(arguments: [
    good,
    // No newline at the end, CRLF, lines of odd lengths.
    "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----",
    "-----BEGIN CERTIFICATE-----\r\nAAEC\r\n-----END CERTIFICATE-----\r\n",
    "-----BEGIN CERTIFICATE-----\nA\nAE\nC\n-----END CERTIFICATE-----\n",
    // White space around.
    "\n \t\r\n-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n\n \n\t",
  ])
  func oneBlockIsRead(text: String) throws {
    #expect(try Self.blocks(text) == [PEMBlock(label: "CERTIFICATE", bytes: [0, 1, 2])])
  }

  @Test func severalBlocksKeepTheirOrder() throws {
    let text = "\n" + Self.good + " \n-----BEGIN PUBLIC KEY-----\n/w==\n-----END PUBLIC KEY-----" + "\n\n" + Self.good
    #expect(
      try Self.blocks(text) == [
        PEMBlock(label: "CERTIFICATE", bytes: [0, 1, 2]), PEMBlock(label: "PUBLIC KEY", bytes: [0xff]),
        PEMBlock(label: "CERTIFICATE", bytes: [0, 1, 2]),
      ])
  }

  @Test func aBlockOnOneLongLineIsRead() throws {
    let bytes = Generator.sample(5000)
    let text = "-----BEGIN X-----\n\(Base64.encode(bytes))\n-----END X-----"
    #expect(try Self.blocks(text) == [PEMBlock(label: "X", bytes: bytes)])
  }

  @Test(arguments: [
    // Nothing there.
    "", "\n", " \t\r\n", "-", "-----",
    // Something around.
    "x\n" + good, good + "x", good + "x\n" + good, "\u{feff}" + good, "\0" + good, "\u{a0}\n" + good,
    "-----END CERTIFICATE-----\n" + good, good + "-----END CERTIFICATE-----\n", "AAEC\n" + good,
    " -----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE----- \nAAEC\n-----END CERTIFICATE-----\n",
    // Boundaries.
    "-----BEGIN CERTIFICATE-----\nAAEC\n", "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nAAEC\n-----END PUBLIC KEY-----\n",
    "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE----\n",
    "-----BEGIN CERTIFICATE-----\nAAEC\n----END CERTIFICATE-----\n",
    "----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----AAEC-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nAAEC-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\n" + good,
    "-----begin CERTIFICATE-----\nAAEC\n-----end CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\rAAEC\r-----END CERTIFICATE-----\r",
    // Labels.
    "-----BEGIN -----\nAAEC\n-----END -----\n", "-----BEGIN  X-----\nAAEC\n-----END  X-----\n",
    "-----BEGIN X -----\nAAEC\n-----END X -----\n", "-----BEGIN A  B-----\nAAEC\n-----END A  B-----\n",
    "-----BEGIN -X-----\nAAEC\n-----END -X-----\n", "-----BEGIN A--B-----\nAAEC\n-----END A--B-----\n",
    "-----BEGIN \u{e9}-----\nAAEC\n-----END \u{e9}-----\n", "-----BEGIN A\tB-----\nAAEC\n-----END A\tB-----\n",
    // Contents.
    "-----BEGIN X-----\n-----END X-----\n", "-----BEGIN X-----\n\n-----END X-----\n",
    "-----BEGIN X-----\nAAE\n-----END X-----\n", "-----BEGIN X-----\nAAE=\nAAEC\n-----END X-----\n",
    "-----BEGIN X-----\nAAF=\n-----END X-----\n", "-----BEGIN X-----\nAA C\n-----END X-----\n",
    "-----BEGIN X-----\n AAEC\n-----END X-----\n", "-----BEGIN X-----\nAAEC \n-----END X-----\n",
    "-----BEGIN X-----\nAA_-\n-----END X-----\n", "-----BEGIN X-----\nAAEC\r\r\n-----END X-----\n",
    // Headers.
    "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nAAEC\n-----END X-----\n",
  ])
  func whatIsNotStrictIsRefused(text: String) {
    let failure = #expect(throws: CodingFailure.self) { try Self.blocks(text) }
    #expect(failure?.kind == .pem)
  }

  @Test(arguments: ["X509 CRL", "A-B C", "PKCS7", "x", "A.B/C"])
  func labelsOfTheStandardAreRead(label: String) throws {
    let block = PEMBlock(label: label, bytes: [1])
    #expect(try Self.blocks(PEM.encode(block)) == [block])
  }

  @Test func aHundredBlocksAreTheLimit() throws {
    #expect(try Self.blocks(String(repeating: Self.good, count: 100)).count == 100)
    let failure = #expect(throws: CodingFailure.self) { try Self.blocks(String(repeating: Self.good, count: 101)) }
    #expect(failure?.kind == .tooMany)
  }

  @Test(arguments: [1, 2, 47, 48, 49, 95, 96, 97, 1000])
  func whatIsEncodedDecodesToItselfInLinesOf64(count: Int) throws {
    let block = PEMBlock(label: "PUBLIC KEY", bytes: Generator.sample(count))
    let text = PEM.encode(block)
    #expect(try Self.blocks(text) == [block])
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "-----BEGIN PUBLIC KEY-----")
    #expect(lines.suffix(2) == ["-----END PUBLIC KEY-----", ""])
    #expect(lines.dropFirst().dropLast(3).allSatisfy { $0.count == 64 })
    #expect((1...64).contains(lines[lines.count - 3].count))
  }
}

extension Generator {
  static func sample(_ count: Int) -> [UInt8] {
    var generator = Generator(seed: UInt64(count))
    return generator.bytes(count)
  }
}
