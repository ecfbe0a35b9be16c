# The image stage as it would be from before its contract had CheckHero: another version, the call not registered.
ARG CURRENT=localhost/firstframe/imagegen:0.1.0
FROM ${CURRENT}
USER root
COPY forget_call.py /usr/local/share/forget_call.py
RUN /opt/firstframe/bin/python /usr/local/share/forget_call.py CheckHero 0.0.9
USER 10001:10001
