import Foundation
import RekorCheck
import SigstoreBundle
import SigstoreVerify
import Support
import Testing
import VirtualSigstore
import WireCoding

@testable import SigstoreServices

@Suite("Asking a log for an entry")
struct LogLookUpTests {
  private static let artifact = Array("an artifact".utf8)

  private static func signed(_ seed: String = "virtual") -> SignedMaterial {
    var world = VirtualSigstore(seed: seed)
    return world.sign(artifact)
  }

  private static func query(_ material: SignedMaterial) throws -> LogQuery {
    let bundle = try Bundle(looseSignature: material.looseSignature, certificate: material.looseCertificate)
    return try #require(LogQuery(bundle, digest: HashName.sha256(artifact), key: nil))
  }

  private func code(
    _ material: SignedMaterial, _ reply: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply?
  ) throws -> String? {
    let server = try RekorServer([material], answer: reply)
    let lookUp = LogLookUp(base: server.address, environment: [:])
    do {
      _ = try lookUp.entries(try Self.query(material))
      return nil
    } catch let error as VerificationFailure { return error.code }
  }

  @Test("asks by digest, signature and certificate, and reads what the log gives")
  func honest() throws {
    let material = Self.signed()
    let server = try RekorServer([Self.signed("another"), material])
    let entries = try LogLookUp(base: server.address, environment: [:]).entries(try Self.query(material))
    #expect(entries.map(\.canonicalizedBody) == [material.body])
    let entry = try #require(entries.first)
    #expect(entry.logIndex == material.globalIndex && entry.logID == material.logID)
    #expect(entry.integratedTime == material.integratedTime && entry.promise == material.promise)
    #expect(entry.proof?.hashes == material.hashes && entry.proof?.checkpoint == material.checkpoint)
    #expect(entry.proof?.logIndex == material.shardIndex && entry.proof?.treeSize == material.treeSize)
    #expect(server.requests.count == 1)
  }

  @Test("case 53: the one request asks for an entry, and none ever for a key; no login is sent")
  func onlyEntries() throws {
    let material = Self.signed()
    let server = try RekorServer([material])
    _ = try LogLookUp(base: server.address + "/", environment: [:]).entries(try Self.query(material))
    #expect(server.requests.map(\.target) == ["/api/v1/log/entries/retrieve"])
    let names = server.requests[0].headers.map { $0.name.lowercased() }
    #expect(!names.contains("authorization") && !names.contains("cookie"))
    #expect(server.requests[0].header("Content-Type") == "application/json")
  }

  @Test("the question holds the certificate as the log's own entry does")
  func sameText() throws {
    let material = Self.signed()
    let body = try JSONNode.parse(material.body).field("spec").field("signature").field("publicKey").field("content")
    #expect(try Self.query(material).json.contains("\"\(body.string())\""))
  }

  @Test("case 5: an entry whose body is not the one of its id is refused")
  func otherBody() throws {
    let (material, other) = (Self.signed(), Self.signed("another"))
    #expect(
      try code(material) { _ in RekorServer.reply([.object([(material.entryID, other.logAnswerEntry)])]) }
        == "log.entryIDMismatch")
    #expect(
      try code(material) { _ in
        RekorServer.reply([.object([(String(material.entryID.suffix(64)), material.logAnswerEntry)])])
      } == nil, "an id without the tree's is one too")
  }

  @Test("an empty list, and a 404, say that there is none")
  func none() throws {
    #expect(try code(Self.signed()) { _ in RekorServer.reply([]) } == "log.notFound")
    #expect(try code(Self.signed()) { _ in .answer(404) } == "log.notFound")
  }

  @Test("a log that does not answer is unavailable, and not a no", arguments: [400, 401, 422, 500, 503])
  func refused(status: Int) throws {
    let material = Self.signed()
    let server = try RekorServer([]) { _ in
      .text("{\"code\":\(status),\"message\":\"no \\u001b[31mred\"}", status: status)
    }
    let failure = #expect(throws: VerificationFailure.self) {
      try LogLookUp(base: server.address, environment: [:]).entries(try Self.query(material))
    }
    #expect(failure?.code == "log.queryRefused" && failure?.blame == .unavailable && failure?.got == "\(status)")
  }

  @Test("429 is waited for when it says how long, and refused when it stays")
  func tooMany() throws {
    let material = Self.signed()
    #expect(
      try code(material) { request in
        request.number == 0 ? .answer(429, headers: [("Retry-After", "0")]) : nil
      } == nil)
    #expect(try code(material) { _ in .answer(429, headers: [("Retry-After", "9999")]) } == "log.queryRefused")
  }

  @Test("an endless answer, a redirect and an answer that breaks off are told by their codes")
  func wire() throws {
    #expect(try code(Self.signed()) { _ in .endless() } == "transport.tooLarge")
    #expect(try code(Self.signed()) { _ in .redirect(307, to: "/elsewhere") } == "transport.badRedirect")
    #expect(
      try code(Self.signed()) { _ in .closing(after: 5, body: [UInt8](repeating: 0x20, count: 90)) }?.hasPrefix(
        "transport.") == true)
  }

  @Test("case 49: an answer that comes too slowly is given up")
  func slow() throws {
    let server = try RekorServer([]) { _ in .dripping(interval: 0.4, body: [UInt8](repeating: 0x20, count: 1000)) }
    var lookUp = LogLookUp(base: server.address, environment: [:])
    lookUp.stallTimeout = 1
    let failure = #expect(throws: VerificationFailure.self) { try lookUp.entries(try Self.query(Self.signed())) }
    #expect(failure?.code == "transport.timeout")
  }

  @Test("plain http is for a loopback host alone")
  func plainHTTP() throws {
    let failure = #expect(throws: VerificationFailure.self) {
      try LogLookUp(base: "http://rekor.example", environment: [:]).entries(try Self.query(Self.signed()))
    }
    #expect(failure?.code == "transport.notHTTPS")
  }

  @Test(
    "answers that are none",
    arguments: [
      "", "{}", "null", "[[]]", "[{}]", "[{\"x\":{}}]", "[{\"a\":{},\"b\":{}}]", "[1]", "<html>",
      "[{\"\(String(repeating: "0", count: 80))\":{\"body\":\"\",\"integratedTime\":-1,\"logID\":\"00\",\"logIndex\":0}}]",
    ])
  func malformed(text: String) throws {
    #expect(try code(Self.signed()) { _ in .text(text) } == "log.answerMalformed")
  }

  @Test("more entries than any signature has are refused")
  func many() throws {
    let material = Self.signed()
    #expect(
      try code(material) { _ in RekorServer.reply(Array(repeating: material.logAnswer, count: 33)) }
        == "log.answerMalformed")
  }
}
