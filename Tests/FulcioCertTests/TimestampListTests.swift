import FulcioCert
import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

/// SCT lists built byte by byte, and what is signed under them.
@Suite("Lists of signed certificate timestamps")
struct TimestampListTests {
  private let world = ChainWorld()
  private let second = VirtualCTLog(seed: "second")
  private let stranger = VirtualCTLog(seed: "stranger")

  private func log(
    _ log: VirtualCTLog, operator: String? = nil, window: TimeWindow = TimeWindow(start: nil, end: nil)
  ) throws -> CertificateLog {
    CertificateLog(
      name: "ct", logID: log.logID, key: try PublicKey(subjectPublicKeyInfo: log.key.subjectPublicKeyInfo),
      validFor: window, operator: `operator`)
  }

  private func result(
    _ leaf: [UInt8], logs: [CertificateLog]? = nil, minimum: Int = 1, authorities: [CertificateAuthority]? = nil
  ) throws -> Result<[VerifiedSCT], FulcioFailure> {
    let chain = try verifyChain(
      leaf: decodeLeaf(leaf), others: [], authorities: authorities ?? [world.authority()],
      validAt: [UnixTime(seconds: world.now)])
    let logs = try logs ?? [log(world.world.fulcio.log)]
    do throws(FulcioFailure) { return .success(try verifySCTs(of: chain, logs: logs, minimum: minimum)) } catch {
      return .failure(error)
    }
  }

  private func code(_ leaf: [UInt8], logs: [CertificateLog]? = nil, minimum: Int = 1) throws -> FulcioCode? {
    if case .failure(let failure) = try result(leaf, logs: logs, minimum: minimum) { failure.code } else { nil }
  }

  private enum Place { case first, middle, last }

  /// A leaf whose SCTs `make` derives from a genuine one; the list stands where `place` says.
  private func leaf(at place: Place = .last, _ make: ([UInt8]) -> [VirtualExtension]) -> [UInt8] {
    let request = world.world.leafRequest()
    let fulcio = world.world.fulcio
    let issuer = fulcio.authorities[0]
    var template = CertificateTemplate(
      notBefore: request.notBefore, notAfter: request.notAfter, subjectPublicKeyInfo: request.key.subjectPublicKeyInfo)
    template.extensions = [.keyUsage([0]), .extendedKeyUsage(["1.3.6.1.5.5.7.3.3"]), .alternativeNames(request.names)]
    let sct = fulcio.log.timestamp(
      request.sct, issuerKeyHash: HashName.sha256(issuer.key.subjectPublicKeyInfo),
      body: template.body(issuer: issuer.name, key: issuer.key))
    let index = [Place.first: 0, .middle: 1, .last: template.extensions.count][place] ?? 0
    template.extensions.insert(contentsOf: make(sct), at: index)
    return template.signed(issuer: issuer.name, key: issuer.key)
  }

  /// The list with lengths and wrapping left to the test.
  private func list(raw: [UInt8]) -> VirtualExtension { VirtualExtension("1.3.6.1.4.1.11129.2.4.2", raw) }

  @Test("case 39: a timestamp is of a day before the certificate at most, and not of after its end")
  func time() throws {
    let request = world.world.leafRequest()
    let (start, end) = (request.notBefore * 1000, request.notAfter * 1000)
    for (milliseconds, code) in [
      (start, nil), (end, nil), (start - 86_400_000, nil), (end + 1, .sctTimeOutside),
      (start - 86_400_001, .sctTimeOutside), (0, .sctTimeOutside), (Int64.max, .sctTimeOutside),
    ] as [(Int64, FulcioCode?)] {
      let leaf = world.leaf { $0.sct.milliseconds = UInt64(milliseconds) }
      #expect(try self.code(leaf) == code, "\(milliseconds)")
    }
  }

  @Test("the list is cut out of the certificate wherever it stands")
  func place() throws {
    for place in [Place.first, .middle, .last] {
      #expect(try code(leaf(at: place) { [.timestamps([$0])] }) == nil, "\(place)")
    }
  }

  @Test("the evidence names log and time")
  func evidence() throws {
    let verified = try result(world.leaf()).get()
    #expect(verified.map(\.log.logID) == [world.world.fulcio.log.logID])
    #expect(verified.map(\.timestamp) == [UnixTime(milliseconds: world.world.leafRequest().sct.milliseconds)])
  }

  @Test("case 39: lists whose lengths do not add up, wrapped otherwise, or empty")
  func lists() throws {
    func code(_ make: @escaping ([UInt8]) -> [UInt8]) throws -> FulcioCode? {
      try self.code(leaf { [list(raw: make($0))] })
    }
    func length(_ count: Int) -> [UInt8] { Encoding.bigEndian(UInt64(count), 2) }
    func item(_ sct: [UInt8]) -> [UInt8] { length(sct.count) + sct }
    func whole(_ items: [UInt8]) -> [UInt8] { length(items.count) + items }
    #expect(try code { DERWriter.octets(whole(item($0))) } == nil)
    #expect(try code { whole(item($0)) } == .sctMalformed)
    #expect(try code { DERWriter.bits(whole(item($0))) } == .sctMalformed)
    #expect(try code { DERWriter.octets(whole(item($0))) + [0] } == .sctMalformed)
    #expect(try code { DERWriter.octets(whole(item($0)) + [0]) } == .sctMalformed)
    #expect(try code { DERWriter.octets(length(item($0).count + 1) + item($0)) } == .sctMalformed)
    #expect(try code { DERWriter.octets(length(item($0).count - 1) + item($0)) } == .sctMalformed)
    #expect(try code { DERWriter.octets(whole(length($0.count + 1) + $0)) } == .sctMalformed)
    #expect(try code { DERWriter.octets(whole(length($0.count - 1) + $0)) } == .sctMalformed)
    #expect(try code { DERWriter.octets(whole(item($0) + [0, 0])) } == .sctMalformed)
    #expect(try code { DERWriter.octets(whole(item($0 + [0]))) } == .sctMalformed)
    #expect(try code { _ in DERWriter.octets([]) } == .sctMalformed)
    #expect(try code { _ in [] } == .sctMalformed)
    #expect(try code { _ in DERWriter.octets([0, 0]) } == .sctMissing)
  }

  @Test("case 39: fields of an SCT that are not version 1, SHA-256, and RSA or ECDSA")
  func fields() throws {
    func code(_ change: @escaping (inout [UInt8]) -> Void) throws -> FulcioCode? {
      try self.code(
        leaf { sct in
          var changed = sct
          change(&changed)
          return [.timestamps([changed])]
        })
    }
    // version 0, log id 1..32, time 33..40, extensions' length 41..42, hash 43, algorithm 44, length 45..46, signature
    #expect(try code { _ in } == nil)
    #expect(try code { $0[0] = 1 } == .sctMalformed)
    #expect(try code { $0[1] ^= 1 } == .sctUntrusted)
    #expect(try code { $0[40] ^= 1 } == .sctUntrusted)
    for hash in [0, 1, 2, 5, 6, 255] as [UInt8] { #expect(try code { $0[43] = hash } == .sctMalformed) }
    for algorithm in [0, 2, 4, 255] as [UInt8] { #expect(try code { $0[44] = algorithm } == .sctMalformed) }
    // RSA by name, with a log whose key is on a curve.
    #expect(try code { $0[44] = 1 } == .sctUntrusted)
    #expect(try code { $0[42] = 1 } == .sctMalformed)
    #expect(try code { $0.insert(contentsOf: [0, 1, 7], at: 41) } == .sctMalformed)
    #expect(try code { $0.replaceSubrange(41...42, with: [0, 1, 7]) } == .sctUntrusted)
    #expect(try code { $0[$0.count - 1] ^= 1 } == .sctUntrusted)
    #expect(try code { $0.replaceSubrange(45..., with: [0, 0]) } == .sctUntrusted)
  }

  @Test("case 39: no changed byte of an SCT passes")
  func mutation() throws {
    let length = world.world.fulcio.log.timestamp(world.world.leafRequest().sct, issuerKeyHash: [], body: []).count
    for position in 0..<(length - 4) {
      let changed = leaf { sct in
        var changed = sct
        changed[position] ^= 1
        return [.timestamps([changed])]
      }
      #expect(try code(changed) != nil, "byte \(position)")
    }
  }

  @Test("case 44: 64 SCTs are enough")
  func many() throws {
    #expect(try code(leaf { [.timestamps([[UInt8]](repeating: $0, count: 64))] }) == nil)
    #expect(try code(leaf { [.timestamps([[UInt8]](repeating: $0, count: 65))] }) == .sctMalformed)
  }

  @Test("case 22: two logs meet a threshold of two; copies, one operator and an unknown log do not")
  func threshold() throws {
    let first = world.world.fulcio.log
    let both = world.leaf { $0.sct.furtherLogs = [second] }
    #expect(try code(both, logs: [log(first), log(second)], minimum: 2) == nil)
    #expect(try code(both, logs: [log(first), log(second)], minimum: 3) == .sctTooFew)
    #expect(try code(both, logs: [log(first)], minimum: 2) == .sctTooFew)
    #expect(try code(both, logs: [log(first, operator: "o"), log(second, operator: "o")], minimum: 2) == .sctTooFew)
    #expect(try code(both, logs: [log(first, operator: "o"), log(second, operator: "p")], minimum: 2) == nil)
    // The same log listed twice, as with two windows, is one.
    #expect(try code(world.leaf { $0.sct.count = 2 }, logs: [log(first), log(first)], minimum: 2) == .sctTooFew)
  }

  @Test("case 22: the SCTs of one log under two chains are the SCTs of one log")
  func twoChains() throws {
    let twin = try world.authority()
    let leaf = world.leaf { $0.sct.count = 2 }
    guard case .failure(let failure) = try result(leaf, minimum: 2, authorities: [world.authority(), twin]) else {
      Issue.record("accepted")
      return
    }
    #expect(failure.code == .sctTooFew)
  }

  @Test("case 39: an SCT of an unknown log counts for nothing and spoils nothing, in both orders")
  func unknown() throws {
    let (first, known) = (world.world.fulcio.log, [try log(second)])
    let behind = world.leaf { $0.sct.furtherLogs = [second] }
    let between = world.leaf { $0.sct.furtherLogs = [stranger, second] }
    let front = world.leaf { $0.sct.furtherLogs = [stranger] }
    #expect(try result(behind, logs: known).get().map(\.log.logID) == [second.logID])
    #expect(try result(between, logs: known).get().map(\.log.logID) == [second.logID])
    #expect(try result(front, logs: [log(first)]).get().map(\.log.logID) == [first.logID])
    #expect(try code(front, logs: known) == .sctUntrusted)
  }

  @Test("case 39: one bad SCT of a known log spoils the good ones, in both orders")
  func oneBad() throws {
    let logs = [try log(world.world.fulcio.log), try log(second)]
    func flipped(_ sct: [UInt8]) -> [UInt8] { Array(sct.dropLast()) + [sct[sct.count - 1] ^ 1] }
    #expect(try code(leaf { [.timestamps([$0, flipped($0)])] }, logs: logs) == .sctUntrusted)
    #expect(try code(leaf { [.timestamps([flipped($0), $0])] }, logs: logs) == .sctUntrusted)
    #expect(try code(leaf { [.timestamps([$0, [0]])] }, logs: logs) == .sctMalformed)
    let past = TimeWindow(start: nil, end: UnixTime(seconds: 1))
    let late = [try log(world.world.fulcio.log), try log(second, window: past)]
    let both = world.leaf { $0.sct.furtherLogs = [second] }
    #expect(try code(both, logs: logs) == nil)
    #expect(try code(both, logs: late) == .sctKeyNotValid)
    #expect(try code(both, logs: late.reversed()) == .sctKeyNotValid)
  }

  @Test("case 39: an SCT that names one log and is signed by another")
  func otherLog() throws {
    let crossed = world.leaf { $0.sct.logID = second.logID }
    #expect(try code(crossed, logs: [log(world.world.fulcio.log), log(second)]) == .sctUntrusted)
    #expect(try code(crossed) == .sctUntrusted)
  }
}
