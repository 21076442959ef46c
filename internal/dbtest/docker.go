package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	containertypes "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	tclog "github.com/testcontainers/testcontainers-go/log"
)

const (
	defaultImage = "mysql:8.4"
	noImage      = "none"

	// A failed search for Docker or its image is remembered that long, for this user's other test processes.
	remember = 10 * time.Minute
)

// dockerImage is the image to use, and whether nothing else will do. Empty: no Docker.
func dockerImage() (image string, insist bool) {
	switch image := os.Getenv(envImage); image {
	case "":
		return defaultImage, false
	case noImage:
		return "", false
	default:
		return image, true
	}
}

// startDocker starts a container of the image. Its error says why Docker cannot serve here.
func startDocker(ctx context.Context, image, run string, mode []string, durable bool) (*server, func() error, error) {
	cli, cliErr := exec.LookPath("docker")
	if cliErr == nil {
		// The watcher removes the container; the reaper's image need not be had then.
		if err := os.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true"); err != nil {
			return nil, nil, fmt.Errorf("switching the reaper off: %w", err)
		}
	}
	tclog.SetDefault(quiet{})
	if err := haveImage(ctx, image); err != nil {
		return nil, nil, err
	}
	srv := &server{Source: "docker " + image, User: "root", Password: token(12), Lonely: cliErr != nil}
	arguments := []string{"--skip-name-resolve", "--skip-log-bin", "--max-connections=400", "--max-allowed-packet=67108864", "--performance-schema=OFF"}
	if !durable {
		arguments = append(arguments, "--innodb-flush-method=nosync")
	}
	c, err := testcontainers.GenericContainer(ctx, testcontainers.GenericContainerRequest{
		ContainerRequest: testcontainers.ContainerRequest{
			Image:        image,
			Cmd:          arguments,
			Env:          map[string]string{"MYSQL_ROOT_PASSWORD": srv.Password, "MARIADB_ROOT_PASSWORD": srv.Password},
			ExposedPorts: []string{"3306/tcp"},
			Labels:       map[string]string{"faturad.dbtest": "1"},
			HostConfigModifier: func(h *containertypes.HostConfig) {
				h.SecurityOpt = append(h.SecurityOpt, "seccomp=unconfined") // MySQL asks for io_uring/NUMA calls that old engines refuse
			},
		},
		Started: true,
		Logger:  quiet{},
	})
	if err != nil {
		err = fmt.Errorf("starting a container of %s: %w", image, err)
		if c != nil {
			err = errors.Join(err, testcontainers.TerminateContainer(c))
		}
		return nil, nil, err
	}
	stop := func() error { return testcontainers.TerminateContainer(c) }
	// No watcher without the docker command: the reaper removes the container when this process ends.
	if cliErr == nil {
		text := fmt.Sprintf("%q rm -f -v %s\n", cli, c.GetContainerID())
		if err := os.WriteFile(filepath.Join(run, "stop"), []byte(text), 0o600); err != nil {
			return nil, nil, errors.Join(fmt.Errorf("writing the stop command: %w", err), stop())
		}
		watched, err := watcher(run, mode, []string{cli, "wait", c.GetContainerID()})
		if err != nil {
			return nil, nil, errors.Join(err, stop())
		}
		if watched != nil {
			stop = watched
		}
	}
	if err := srv.reach(ctx, c); err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	return srv, stop, nil
}

// reach finds the published port and waits for the server behind it. It tries the number 127.0.0.1 first: "localhost" may mean
// IPv6, and an engine inside this very container is not at the gateway where testcontainers looks for it.
func (s *server) reach(ctx context.Context, c testcontainers.Container) error {
	host, err := c.Host(ctx)
	if err != nil {
		return fmt.Errorf("asking for the container's host: %w", err)
	}
	port, err := c.MappedPort(ctx, "3306/tcp")
	if err != nil {
		return fmt.Errorf("asking for the container's port: %w", err)
	}
	addresses := []string{net.JoinHostPort("127.0.0.1", port.Port())}
	if host != "localhost" && host != "127.0.0.1" {
		addresses = append(addresses, net.JoinHostPort(host, port.Port()))
	}
	return s.await(ctx, 2*time.Minute, func() bool { return !c.IsRunning() }, addresses...)
}

// haveImage asks the engine for the image, and pulls it if that begins at once.
func haveImage(ctx context.Context, image string) error {
	patience := 3 * time.Second
	if os.Getenv("FATURAD_TEST_IMAGE") != "" {
		patience = time.Minute // somebody insists on it: a busy machine is no reason to give up
	}
	probe, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	engine, err := testcontainers.NewDockerClientWithOpts(probe)
	if err != nil {
		return fmt.Errorf("no Docker engine answers: %w", err)
	}
	defer engine.Close() //nolint:errcheck // only idle connections are left
	if _, err := engine.ImageInspect(probe, image); err == nil {
		return nil
	}
	pull, stop := context.WithTimeout(ctx, 5*time.Minute)
	defer stop()
	impatient := time.AfterFunc(10*time.Second, stop) // an engine without a way to the registry may keep us waiting
	response, err := engine.ImagePull(pull, image, client.ImagePullOptions{})
	if err != nil {
		return fmt.Errorf("the image %s is not here and cannot be pulled: %w", image, err)
	}
	defer response.Close() // read to its end below
	for message, err := range response.JSONMessages(pull) {
		if err == nil && message.Error != nil {
			err = message.Error
		}
		if err != nil {
			return fmt.Errorf("pulling the image %s: %w", image, err)
		}
		impatient.Stop()
	}
	return nil
}

// quiet drops testcontainers' chatter; what matters comes back as errors.
type quiet struct{}

func (quiet) Printf(string, ...any) {}

// dockerRefusal reads why Docker was of no use a short time ago; empty when nobody tried.
func dockerRefusal(file string) string {
	info, err := os.Stat(file)
	if err != nil || time.Since(info.ModTime()) > remember {
		return ""
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	return string(text)
}
