import CNATS
import Glibc

struct NATSMessage: Sendable {
  let subject: String
  let body: [UInt8]
}

/// One connection for one message, by nats.c.
enum NATSConnection {
  /// - Returns: nil if the server answered the PING that was sent after the message, so that it has the message; else why not.
  static func publish(
    _ message: NATSMessage, to servers: [String], seed: NKeySeed?, remaining: @Sendable () -> Int
  ) -> String? {
    var options: OpaquePointer?
    guard natsOptions_Create(&options) == NATS_OK else { return "out of memory" }
    defer { natsOptions_Destroy(options) }
    let seedText = seed.map { strdup($0.text) } ?? nil
    defer {
      if let seedText {
        explicit_bzero(seedText, strlen(seedText))
        free(seedText)
      }
    }
    if let problem = failure(configure(options, servers, seed, seedText, remaining())) { return problem }
    var connection: OpaquePointer?
    if let problem = failure(natsConnection_Connect(&connection, options)) { return problem }
    defer { natsConnection_Destroy(connection) }
    let left = remaining()
    guard left > 0 else { return "no time left" }
    let published = message.body.withUnsafeBytes {
      natsConnection_Publish(connection, message.subject, $0.baseAddress, Int32(clamping: $0.count))
    }
    return failure(published) ?? failure(natsConnection_FlushTimeout(connection, Int64(left)))
  }

  private static func configure(
    _ options: OpaquePointer?, _ servers: [String], _ seed: NKeySeed?, _ seedText: UnsafeMutablePointer<CChar>?,
    _ milliseconds: Int
  ) -> natsStatus {
    var names: [UnsafePointer<CChar>?] = servers.map { UnsafePointer(strdup($0)) }
    defer { for name in names { free(UnsafeMutableRawPointer(mutating: name)) } }
    var steps = [
      natsOptions_SetServers(options, &names, Int32(names.count)), natsOptions_SetNoRandomize(options, true),
      natsOptions_SetName(options, "nexo plugin"),
      // Each server gets its share, so that one which is silent leaves time for the next.
      natsOptions_SetTimeout(options, Int64(max(1, milliseconds / servers.count))),
      natsOptions_SetAllowReconnect(options, false), natsOptions_SetIgnoreDiscoveredServers(options, true),
    ]
    if servers.contains(where: { $0.hasPrefix("tls://") }) { steps.append(natsOptions_SetSecure(options, true)) }
    if let seed {
      steps.append(
        natsOptions_SetNKey(
          options, seed.publicKey,
          { _, signature, length, nonce, closure in
            nats_Sign(closure?.assumingMemoryBound(to: CChar.self), nonce, signature, length)
          }, seedText))
    }
    return steps.first { $0 != NATS_OK } ?? NATS_OK
  }

  private static func failure(_ status: natsStatus) -> String? {
    guard status != NATS_OK else { return nil }
    let general = String(cString: natsStatus_GetText(status))
    var last = NATS_OK
    guard let detail = nats_GetLastError(&last), detail.pointee != 0 else { return general }
    return "\(general): \(String(cString: detail))"
  }
}
