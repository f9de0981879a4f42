public import VirtualSigstore

/// A Rekor v1 log behind a real loopback address: it finds entries by the signature that is asked for, and misbehaves where a test says so.
public final class RekorServer: Sendable {
  private let server: LoopbackServer

  /// - Parameter answer: in place of the honest one, where it says anything.
  public init(
    _ entries: [SignedMaterial],
    answer: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply? = { _ in nil }
  ) throws {
    server = try LoopbackServer { request in
      if let reply = answer(request) { return reply }
      guard request.method == "POST", request.target == "/api/v1/log/entries/retrieve" else {
        return .text("{\"code\":404,\"message\":\"path not found\"}", status: 404)
      }
      let question = String(decoding: request.body, as: UTF8.self)
      let found = entries.filter { entry in
        question.contains("\"content\":\"\(Encoding.base64(entry.signature))\"")
          && question.contains("\"value\":\"\(Encoding.hex(HashName.sha256(entry.artifact)))\"")
          && question.contains(Encoding.base64(Array(entry.verifier.pem.utf8)))
      }
      return Self.reply(found.map(\.logAnswer))
    }
  }

  public static func reply(_ answers: [JSONDraft]) -> LoopbackServer.Reply {
    .answer(headers: [("Content-Type", "application/json")], body: JSONDraft.array(answers).bytes)
  }

  public var address: String { server.address("") }
  public var requests: [LoopbackServer.Request] { server.requests }
}
