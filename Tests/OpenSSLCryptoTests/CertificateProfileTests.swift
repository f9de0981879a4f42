import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("What a certificate may be used for")
struct CertificateProfileTests {
  typealias D = DERWriter
  typealias Parts = CertificateParts

  private func profile(_ extensions: [[UInt8]]) throws -> CertificateProfile {
    try Certificate(der: Parts.with { $0.extensions = extensions }).profile
  }

  private func failure(_ identifier: String, _ value: [UInt8]) -> CryptoFailure.Kind? {
    Parts.failure { $0.extensions = [Parts.extension(identifier, value)] }
  }

  private let constraints = "2.5.29.19"
  private let usage = "2.5.29.15"
  private let purposes = "2.5.29.37"

  @Test("without extensions nothing is restricted, and nothing is an authority")
  func empty() throws {
    let profile = try profile([])
    #expect(!profile.isAuthority)
    #expect(!profile.hasBasicConstraints)
    #expect(profile.pathLength == nil)
    #expect(profile.keyUsage == nil)
    #expect(!profile.isKeyUsageCritical)
    #expect(profile.extendedKeyUsage == nil)
    #expect(!profile.isExtendedKeyUsageCritical)
  }

  @Test("BasicConstraints")
  func basicConstraints() throws {
    for (value, isAuthority, length) in [
      (D.sequence(), false, nil), (D.sequence(D.boolean(true)), true, nil),
      (D.sequence(D.boolean(true), D.integer(0)), true, 0),
      (D.sequence(D.boolean(true), D.integer(300)), true, 300),
    ] as [([UInt8], Bool, Int64?)] {
      let profile = try profile([Parts.extension(constraints, value, critical: D.boolean(true))])
      #expect(profile.hasBasicConstraints)
      #expect(profile.isAuthority == isAuthority)
      #expect(profile.pathLength == length)
    }
    for value in [
      [], [0x05, 0x00], D.sequence([0x01, 0x01, 0x01]), D.sequence(D.boolean(true), [0x02, 0x01, 0xff]),
      D.sequence(D.boolean(true), D.integer([UInt8](repeating: 1, count: 9))),
      D.sequence(D.boolean(true), D.integer(0), D.integer(0)),
      D.sequence(D.integer(0), D.boolean(true)), D.sequence(D.boolean(true)) + [0], D.set(D.boolean(true)),
      D.sequence(D.boolean(true), [0x02, 0x02, 0x00, 0x01]),
    ] {
      #expect(failure(constraints, value) == .certificateMalformed, "\(value)")
    }
  }

  @Test("KeyUsage")
  func keyUsage() throws {
    for (value, expected) in [
      ([0x03, 0x02, 0x07, 0x80], .digitalSignature), ([0x03, 0x02, 0x02, 0x04], .keyCertSign),
      ([0x03, 0x02, 0x02, 0x84], [.digitalSignature, .keyCertSign]),
      // The ninth bit, decipherOnly.
      ([0x03, 0x03, 0x07, 0x80, 0x80], [.digitalSignature, .init(rawValue: 1 << 8)]),
      ([0x03, 0x02, 0x01, 0x06], [.keyCertSign, .init(rawValue: 1 << 6)]),
    ] as [([UInt8], CertificateProfile.KeyUsage)] {
      for critical in [[], D.boolean(true)] {
        let profile = try profile([Parts.extension(usage, value, critical: critical)])
        #expect(profile.keyUsage == expected)
        #expect(profile.isKeyUsageCritical == !critical.isEmpty)
      }
    }
    for value in [
      [], [0x03, 0x02, 0x00, 0x80], [0x03, 0x02, 0x07, 0xc0], [0x03, 0x02, 0x08, 0x80], [0x03, 0x00],
      [0x04, 0x01, 0x80],
      [0x03, 0x02, 0x07, 0x80, 0x00], [0x03, 0x03, 0x07, 0x80],
    ] as [[UInt8]] {
      #expect(failure(usage, value) == .certificateMalformed, "\(value)")
    }
  }

  @Test("ExtendedKeyUsage")
  func extendedKeyUsage() throws {
    let code = CertificateProfile.codeSigning
    for critical in [[], D.boolean(true)] {
      let value = D.sequence(D.identifier(code), D.identifier("1.2.3"))
      let profile = try profile([Parts.extension(purposes, value, critical: critical)])
      #expect(profile.extendedKeyUsage == [code, "1.2.3"])
      #expect(profile.isExtendedKeyUsageCritical == !critical.isEmpty)
    }
    for value in [
      [], [0x05, 0x00], D.sequence(D.octets([1])), D.sequence(D.identifier(code)) + [0],
      D.sequence(D.element(0x06, [0x80])),
      D.identifier(code),
    ] {
      #expect(failure(purposes, value) == .certificateMalformed, "\(value)")
    }
    for (count, isAccepted) in [(32, true), (33, false)] {
      let value = D.element(0x30, (0..<count).flatMap { D.identifier("1.2.3.\($0)") })
      #expect(failure(purposes, value) == (isAccepted ? nil : .certificateMalformed), "\(count)")
    }
  }

  @Test("an authority may issue for every purpose, or for those that it names")
  func mayIssue() throws {
    let (code, time) = (CertificateProfile.codeSigning, CertificateProfile.timeStamping)
    #expect(try profile([]).mayIssue(for: code))
    for (list, forCode, forTime) in [
      ([code], true, false), ([time], false, true), ([time, code], true, true), (["2.5.29.37.0"], true, true),
      (["1.2.3"], false, false), (["1.3.6.1.5.5.7.3"], false, false), (["1.3.6.1.5.5.7.3.3.1"], false, false),
    ] as [([String], Bool, Bool)] {
      let value = D.element(0x30, list.flatMap { D.identifier($0) })
      let profile = try profile([Parts.extension(purposes, value)])
      #expect(profile.mayIssue(for: code) == forCode, "\(list)")
      #expect(profile.mayIssue(for: time) == forTime, "\(list)")
    }
  }
}
