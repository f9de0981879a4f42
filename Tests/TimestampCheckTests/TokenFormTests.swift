import Testing
import TimestampCheck
import VirtualSigstore
import WireCoding

@Suite("The form of timestamp tokens")
struct TokenFormTests {
  private typealias D = DERWriter
  private let world = StampWorld()

  private func answer(_ change: (inout VirtualTSA.Request) -> Void) throws -> StampWorld.Answer {
    try world.answer(to: change)
  }

  @Test("what a response may carry beside what is judged")
  func accepted() throws {
    #expect(try answer { _ in } == .accepted)
    #expect(try answer { $0.status = 1 } == .accepted)
    #expect(try answer { $0.statusText = "granted, gladly" } == .accepted)
    #expect(try answer { $0.accuracy = D.sequence(D.integer(1)) } == .accepted)
    #expect(try answer { $0.accuracy = D.sequence(D.integer(1)) + D.boolean(true) } == .accepted)
    #expect(try answer { $0.infoTail = D.element(0xa0, D.element(0xa4, D.name(commonName: "tsa"))) } == .accepted)
    #expect(try answer { $0.revocationLists = D.element(0xa1, []) } == .accepted)
    #expect(try answer { $0.unsignedAttributes = D.element(0xa1, []) } == .accepted)
    #expect(try answer { $0.time = "20231114221320.5" } == .accepted)
  }

  @Test("case 27: a nonce is the requester's affair, whatever it is", arguments: [0, 1, UInt64.max])
  func nonce(value: UInt64) throws {
    #expect(try answer { $0.nonce = value } == .accepted)
  }

  @Test("case 27: a response that was not granted", arguments: [2, 3, 4, 5, 6, 256, 1 << 40] as [UInt64])
  func status(value: UInt64) throws {
    #expect(try answer { $0.status = value } == .refused(.tokenMalformed))
  }

  @Test("case 27: versions and listed digests other than those that go with the rest")
  func versions() throws {
    for version in [0, 1, 2, 4, 5] as [UInt64] {
      #expect(try answer { $0.version = version } == .refused(.tokenMalformed))
      #expect(try answer { $0.signerVersion = version } == (version == 1 ? .accepted : .refused(.tokenMalformed)))
    }
    #expect(try answer { $0.signerVersion = 3 } == .refused(.tokenMalformed))
    let (own, other) = (HashName.sha384.algorithmIdentifier, HashName.sha256.algorithmIdentifier)
    #expect(try answer { $0.listedDigests = other + own } == .accepted)
    for list in [other, [], [UInt8](repeating: 0, count: 3), own + [0x05, 0x00], (0..<9).flatMap { _ in own }] {
      #expect(try answer { $0.listedDigests = list } == .refused(.tokenMalformed))
    }
  }

  @Test("case 27: other types where signed data and TSTInfo belong")
  func types() throws {
    // enveloped data; plain data.
    #expect(try answer { $0.envelopeType = "1.2.840.113549.1.7.3" } == .refused(.tokenMalformed))
    #expect(try answer { $0.contentType = "1.2.840.113549.1.7.1" } == .refused(.tokenMalformed))
    #expect(try answer { $0.signedContentType = "1.2.840.113549.1.7.1" } == .refused(.tokenMalformed))
    #expect(try answer { $0.infoVersion = 2 } == .refused(.tokenMalformed))
    #expect(try answer { $0.infoVersion = 0 } == .refused(.tokenMalformed))
    #expect(try answer { $0.infoTail = D.element(0xa1, []) } == .refused(.tokenMalformed))
  }

  @Test("case 27: a token has one signer, no more and no less", arguments: [0, 2, 3])
  func signers(count: Int) throws {
    #expect(try answer { $0.signerCount = count } == .refused(.tokenMalformed))
  }

  @Test("case 44: ten certificates are enough")
  func certificates() throws {
    let certificate = world.tsa.certificate
    #expect(try answer { $0.certificates = [[UInt8]](repeating: certificate, count: 10) } == .accepted)
    #expect(try answer { $0.certificates = [[UInt8]](repeating: certificate, count: 11) } == .refused(.tokenMalformed))
    // Not even certificates; but nobody asks for more than the signer's.
    #expect(try answer { $0.certificates = [D.sequence(D.integer(1)), certificate] } == .accepted)
    #expect(try answer { $0.certificates = [D.sequence(D.integer(1))] } == .unknown)
    #expect(try answer { $0.certificates = [D.integer(1)] } == .refused(.tokenMalformed))
  }

  @Test(
    "case 27: times that are none, or not in UTC",
    arguments: [
      "", "20231114", "2023111422132", "20231114221360", "20231114226020", "20231114251320", "20231131221320",
      "20231314221320", "20230229221320", "20231114221320.", "20231114221320.0", "20231114221320.50",
      "20231114221320,5", "-0231114221320", "2023111422132x",
    ])
  func time(text: String) throws {
    #expect(try answer { $0.time = text } == .refused(.tokenMalformed))
  }

  @Test("case 27: time zones other than Z", arguments: ["", "+0000", "+0100", "z", "ZZ"])
  func timeZone(zone: String) throws {
    #expect(try answer { $0.timeZone = zone } == .refused(.tokenMalformed))
  }

  @Test("case 27: imprints under other algorithms, or not of their length")
  func imprint() throws {
    let sha1 = D.sequence(D.identifier("1.3.14.3.2.26"))
    let md5 = D.sequence(D.identifier("1.2.840.113549.2.5"))
    #expect(
      try answer {
        $0.imprintAlgorithm = sha1
        $0.imprint = [UInt8](repeating: 1, count: 20)
      } == .refused(.tokenMalformed))
    #expect(
      try answer {
        $0.imprintAlgorithm = md5
        $0.imprint = [UInt8](repeating: 1, count: 16)
      } == .refused(.tokenMalformed))
    // The right bytes, called by the name of another hash.
    #expect(try answer { $0.imprintAlgorithm = HashName.sha512.algorithmIdentifier } == .refused(.tokenMalformed))
    #expect(try answer { $0.imprint = [] } == .refused(.tokenMalformed))
    let message = world.message
    #expect(try answer { $0.imprint = Array(HashName.sha256(message).dropLast()) } == .refused(.tokenMalformed))
    #expect(try answer { $0.imprint = HashName.sha256(message) + [0] } == .refused(.tokenMalformed))
  }

  @Test("case 27: an imprint of other bytes, under each hash", arguments: HashName.allCases)
  func otherImprint(hash: HashName) throws {
    let message = world.message
    #expect(try answer { $0.imprintHash = hash } == .accepted)
    for other in [[], [0], message + [0], Array(message.dropLast()), hash(message)] {
      #expect(
        try answer {
          $0.imprintHash = hash
          $0.imprint = hash(other)
        } == .refused(.imprintMismatch))
    }
  }

  @Test("case 41: bytes behind the response, and no response at all")
  func leftover() throws {
    #expect(try answer { $0.leftover = [0] } == .refused(.tokenMalformed))
    let twice = world.stamp() + world.stamp()
    #expect(try world.answer(to: twice) == .refused(.tokenMalformed))
    for bytes in [[], [0x30, 0x00], [0x30, 0x80, 0x00, 0x00], Array("<!DOCTYPE html>".utf8)] as [[UInt8]] {
      #expect(try world.answer(to: bytes) == .refused(.tokenMalformed))
    }
  }

  @Test("case 44: the size of a response has a limit")
  func size() throws {
    let padding = D.sequence(D.utf8(String(repeating: "x", count: 262_000)))
    let large = world.stamp { $0.certificates = [padding] }
    #expect(large.count > 262_144)
    #expect(try world.answer(to: large) == .refused(.tokenMalformed))
    let smaller = world.stamp {
      $0.certificates = [D.sequence(D.utf8(String(repeating: "x", count: 260_000))), world.tsa.certificate]
    }
    #expect(try world.answer(to: smaller) == .accepted)
  }

  @Test("case 41: no cut response is read")
  func truncated() throws {
    let stamp = world.stamp { $0.certificates = [world.tsa.certificate] }
    let authorities = [try world.authority()]
    for count in stamp.indices {
      #expect(try world.answer(to: Array(stamp[..<count]), authorities) == .refused(.tokenMalformed), "\(count) bytes")
    }
  }
}
