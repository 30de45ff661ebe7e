package story;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Map;

/**
 * What a failed call says for programs to act on.
 *
 * @param reason empty where the server gave none
 * @param about what the refusal is about, such as tokenId
 * @param wrong the wrong fields
 */
public record Refusal(Status.Code code, String reason, Map<String, String> about, List<String> wrong) {

  public static Refusal of(StatusRuntimeException error) {
    var info = ErrorInfo.getDefaultInstance();
    var badRequest = BadRequest.getDefaultInstance();
    try {
      for (Any detail : StatusProto.fromThrowable(error).getDetailsList()) {
        if (detail.is(ErrorInfo.class)) info = detail.unpack(ErrorInfo.class);
        if (detail.is(BadRequest.class)) badRequest = detail.unpack(BadRequest.class);
      }
    } catch (InvalidProtocolBufferException damaged) {
      throw new AssertionError(damaged);
    }
    var wrong = badRequest.getFieldViolationsList().stream().map(BadRequest.FieldViolation::getField).toList();
    return new Refusal(error.getStatus().getCode(), info.getReason(), info.getMetadataMap(), wrong);
  }

  /** The refusal with which a call is to end. */
  public static Refusal of(Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException error) {
      return of(error);
    }
    throw new AssertionError("the call was not refused");
  }
}
