import OpenSSLCrypto
import Testing
import TimestampCheck
import VirtualSigstore
import WireCoding

@Suite("RFC 3161 timestamps")
struct TimestampTests {
  /// 2023-11-14T22:13:20Z
  private let now: Int64 = 1_700_000_000
  private let message = Array("a signature".utf8)
  private let tsa = VirtualTSA(seed: "a", notBefore: 1_699_999_000, notAfter: 1_700_001_000)
  private let good = VirtualTSA.Request(time: "20231114221320")

  private func authority(_ tsa: VirtualTSA? = nil, window: TimeWindow = TimeWindow(start: nil, end: nil)) throws
    -> TimestampAuthority
  {
    try TimestampAuthority(certificates: (tsa ?? self.tsa).chain, validFor: window)
  }

  private func check(_ stamps: [[UInt8]], _ authorities: [TimestampAuthority]? = nil) throws -> Result<
    TimestampCheckResult, TimestampFailure
  > {
    let authorities = try authorities ?? [authority()]
    do throws(TimestampFailure) {
      return .success(try verifyTimestamps(stamps, over: message, authorities: authorities))
    } catch { return .failure(error) }
  }

  private func code(_ stamp: [UInt8], _ authorities: [TimestampAuthority]? = nil) throws -> TimestampCode? {
    if case .failure(let failure) = try check([stamp], authorities) { failure.code } else { nil }
  }

  private func request(_ change: (inout VirtualTSA.Request) -> Void) -> VirtualTSA.Request {
    var request = good
    change(&request)
    return request
  }

  @Test("a genuine stamp, with every hash, with and without certificates and nonce, gives its time")
  func accepted() throws {
    for change in [
      { _ in }, { $0.imprintHash = .sha384 }, { $0.imprintHash = .sha512 }, { $0.certificates = nil },
      { $0.certificates = [tsa.certificate] }, { $0.nonce = 7 }, { $0.status = 1 },
      // An attacker's certificate in front changes nothing: the signer is named, not chosen by position.
      { $0.certificates = [VirtualTSA(seed: "evil", notBefore: 0, notAfter: now * 2).certificate, tsa.certificate] },
    ] as [(inout VirtualTSA.Request) -> Void] {
      let result = try check([tsa.stamp(message, request(change))]).get()
      #expect(result.verified.map(\.time) == [UnixTime(seconds: now)])
      #expect(result.unknownCount == 0)
    }
    let precise = try check([tsa.stamp(message, request { $0.time = "20231114221320.25" })]).get()
    #expect(precise.verified.first?.time == UnixTime(seconds: now, nanoseconds: 250_000_000))
  }

  @Test("case 27: a stamp over other bytes")
  func imprint() throws {
    #expect(try code(tsa.stamp([1], good)) == .imprintMismatch)
    #expect(try code(tsa.stamp(message, request { $0.imprint = [UInt8](repeating: 0, count: 32) })) == .imprintMismatch)
  }

  @Test("case 27: a stamp in a trusted authority's name that it did not sign")
  func untrusted() throws {
    let stranger = VirtualKey(.p384, seed: "stranger")
    #expect(try code(tsa.stamp(message, request { $0.signingKey = stranger })) == .untrusted)
    #expect(try code(tsa.stamp(message, request { $0.namedCertificate = tsa.root.certificate })) == .untrusted)
    var stamp = tsa.stamp(message, good)
    stamp[stamp.count - 1] ^= 1
    #expect(try code(stamp) != nil)
  }

  @Test("case 27: a stamp of an unknown authority counts for nothing and spoils nothing")
  func unknown() throws {
    let other = VirtualTSA(seed: "b", notBefore: now - 999, notAfter: now + 999)
    // The two authorities share a name and a serial number here, so the other's is renamed by its own root's key.
    let renamed = VirtualAuthority("other-root", seed: "b", notBefore: now - 999, notAfter: now + 999)
    var stranger = other
    stranger.root = renamed
    let stamps = [tsa.stamp(message, good), stranger.stamp(message, good)]
    for order in [stamps, stamps.reversed()] {
      let result = try check(order).get()
      #expect(result.verified.count == 1)
      #expect(result.unknownCount == 1)
    }
    #expect(try check([stamps[1]]).get().verified.isEmpty)
    #expect(try check([stamps[0]], []).get().unknownCount == 1)
  }

  @Test("case 27: outside of the authority's window or of its certificate's life; ends are inside")
  func window() throws {
    let time = UnixTime(seconds: now)
    let stamp = tsa.stamp(message, good)
    #expect(try code(stamp, [authority(window: TimeWindow(start: time, end: time))]) == nil)
    #expect(
      try code(stamp, [authority(window: TimeWindow(start: nil, end: UnixTime(seconds: now - 1)))]) == .outsideWindow)
    #expect(
      try code(stamp, [authority(window: TimeWindow(start: UnixTime(seconds: now + 1), end: nil))]) == .outsideWindow)
    #expect(try code(tsa.stamp(message, request { $0.time = "20231114223000" })) == nil)
    #expect(try code(tsa.stamp(message, request { $0.time = "20231114223001" })) == .outsideWindow)
  }

  @Test("case 27: the purpose must be time stamping alone, and critical")
  func purpose() throws {
    let stamping = "1.3.6.1.5.5.7.3.8"
    for (purposes, isCritical, code) in [
      ([stamping], true, nil), ([stamping], false, .ekuInvalid), ([stamping, "1.3.6.1.5.5.7.3.3"], true, .ekuInvalid),
      (["1.3.6.1.5.5.7.3.3"], true, .ekuInvalid), (nil, true, .ekuInvalid),
    ] as [([String]?, Bool, TimestampCode?)] {
      let tsa = VirtualTSA(
        seed: "a", notBefore: now - 999, notAfter: now + 999, purposes: purposes, purposesAreCritical: isCritical)
      #expect(try self.code(tsa.stamp(message, good), [authority(tsa)]) == code, "\(purposes ?? [])")
    }
  }

  @Test("what is no granted response is malformed, and no cut or changed byte traps")
  func malformed() throws {
    let stamp = tsa.stamp(message, good)
    #expect(try code(tsa.stamp(message, request { $0.status = 2 })) == .tokenMalformed)
    #expect(try code(tsa.stamp(message, request { $0.leftover = [0] })) == .tokenMalformed)
    #expect(try code(tsa.stamp(message, request { $0.time = "2023111422132" })) == .tokenMalformed)
    #expect(try code([]) == .tokenMalformed)
    #expect(try code([UInt8](repeating: 0x30, count: 300_000)) == .tokenMalformed)
    for count in stride(from: 0, to: stamp.count, by: 7) {
      #expect(try code(Array(stamp.prefix(count))) == .tokenMalformed)
    }
  }

  @Test("no single changed byte of a stamp passes unseen")
  func mutation() throws {
    let stamp = tsa.stamp(message, good)
    let authorities = [try authority()]
    for position in stamp.indices {
      var changed = stamp
      changed[position] ^= 1
      if case .success(let result) = try check([changed], authorities), !result.verified.isEmpty {
        #expect(Self.isUnsigned(stamp, position), "byte \(position) of \(stamp[max(0, position - 6)...position])")
      }
    }
  }

  /// Outside of what is signed, and nothing rests on it: version numbers and the status; the outer list of digest algorithms, which
  /// the signer's own field repeats; the tag of the empty set of certificates, read as an empty set of revocation lists.
  private static func isUnsigned(_ stamp: [UInt8], _ position: Int) -> Bool {
    let list: [UInt8] = [0x31, 0x0d, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86]
    let start = stamp.indices.first { stamp[$0...].starts(with: list) } ?? stamp.count
    return stamp[..<position].suffix(2).elementsEqual([0x02, 0x01]) || (start + 2..<start + 15).contains(position)
      || stamp[position...].starts(with: [0xa0, 0x00])
  }

  @Test("the same stamp twice is refused")
  func duplicate() throws {
    let stamp = tsa.stamp(message, good)
    guard case .failure(let failure) = try check([stamp, stamp]) else {
      Issue.record("accepted")
      return
    }
    #expect(failure.code == .duplicate)
  }

  @Test("an authority that begins with an issuer takes the signer from the token, if it issued it")
  func unpinned() throws {
    let authority = try TimestampAuthority(
      certificates: [tsa.root.certificate], validFor: TimeWindow(start: nil, end: nil))
    let stamp = tsa.stamp(message, request { $0.certificates = [tsa.certificate] })
    #expect(try check([stamp], [authority]).get().verified.count == 1)
    #expect(try check([tsa.stamp(message, good)], [authority]).get().unknownCount == 1)
    let other = VirtualTSA(seed: "b", notBefore: now - 999, notAfter: now + 999)
    let foreign = other.stamp(message, request { $0.certificates = [other.certificate] })
    #expect(try check([foreign], [authority]).get().unknownCount == 1)
  }
}
