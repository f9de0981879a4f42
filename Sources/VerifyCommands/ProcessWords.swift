@preconcurrency import Glibc

/// What this process was given, as bytes: neither arguments nor variables need be UTF-8.
public enum ProcessWords {
  /// The program's name first.
  public static var arguments: [[UInt8]] { words(CommandLine.unsafeArgv) }

  /// The first of a name wins, as getenv has it.
  public static var variables: [String: [UInt8]] {
    Dictionary(
      words(environ).map { entry in
        let name = entry.prefix { $0 != UInt8(ascii: "=") }
        return (String(decoding: name, as: UTF8.self), Array(entry.dropFirst(name.count + 1)))
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The strings of a list that ends with a null pointer.
  private static func words(_ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var next = list
    while let pointer = next, let word = pointer.pointee {
      words.append(UnsafeRawBufferPointer(start: word, count: strlen(word)).map { $0 })
      next = pointer + 1
    }
    return words
  }
}
