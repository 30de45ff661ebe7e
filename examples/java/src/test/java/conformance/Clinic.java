package conformance;

import com.google.protobuf.Duration;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import opd.v1.OpdServiceGrpc;
import opd.v1.OpdServiceGrpc.OpdServiceBlockingStub;
import opd.v1.OpdServiceOuterClass.AllocateTokenRequest;
import opd.v1.OpdServiceOuterClass.CreateDoctorRequest;
import opd.v1.OpdServiceOuterClass.CreateSlotRequest;
import opd.v1.OpdServiceOuterClass.WatchQueueRequest;
import opd.v1.Resources.Slot;
import opd.v1.Resources.TokenSource;
import story.Watch;

/** A client on a channel of its own, which knows what connections its calls went over. */
final class Clinic implements AutoCloseable {
  static final String DATE = "2099-01-31";

  final OpdServiceBlockingStub stub;
  /** The local addresses of the connections that have answered: one each. */
  final Set<Object> connections = ConcurrentHashMap.newKeySet();
  private final ManagedChannel channel;

  Clinic() {
    this(UnaryOperator.identity());
  }

  Clinic(UnaryOperator<NettyChannelBuilder> options) {
    var address = System.getenv().getOrDefault("OPD_ADDRESS", "127.0.0.1:50051");
    channel = options.apply(NettyChannelBuilder.forTarget(address).usePlaintext()).build();
    stub = OpdServiceGrpc.newBlockingStub(channel).withInterceptors(new ConnectionNotes());
  }

  /** The stub for one call that is to succeed. */
  OpdServiceBlockingStub calls() {
    return stub.withDeadlineAfter(30, TimeUnit.SECONDS).withWaitForReady();
  }

  /** A doctor's slot. */
  Slot slot(int capacity) {
    var doctor = calls().createDoctor(CreateDoctorRequest.newBuilder().setName("Dr Rao").build()).getDoctor();
    return calls().createSlot(CreateSlotRequest.newBuilder().setDoctorId(doctor.getId()).setDate(DATE)
        .setStart("09:00").setEnd("10:00").setCapacity(capacity).build()).getSlot();
  }

  static AllocateTokenRequest.Builder walkIn(Slot slot) {
    return AllocateTokenRequest.newBuilder().setSlotId(slot.getId()).setSource(TokenSource.TOKEN_SOURCE_WALK_IN);
  }

  /** A watch of the slot's day, its snapshot taken. Heartbeats come each second. */
  Watch watch(Slot slot) {
    return watch(stub, slot);
  }

  static Watch watch(OpdServiceBlockingStub stub, Slot slot) {
    var watch = new Watch(stub, watchRequest(slot).setHeartbeatInterval(Duration.newBuilder().setSeconds(1)).build());
    watch.snapshot();
    return watch;
  }

  static WatchQueueRequest.Builder watchRequest(Slot slot) {
    return WatchQueueRequest.newBuilder().setDoctorId(slot.getDoctorId()).setDate(DATE);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private final class ConnectionNotes implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          super.start(new SimpleForwardingClientCallListener<>(listener) {
            @Override
            public void onHeaders(Metadata received) {
              var local = getAttributes().get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR);
              if (local != null) connections.add(local);
              super.onHeaders(received);
            }
          }, headers);
        }
      };
    }
  }
}
